"""The `process` fixture: a real `manage.py serve` in its own process, to be killed, stopped and started again.

    def test_it_comes_back(process):
        process.start()
        cookie = process.session("alice")
        process.kill()
        process.start()

The database has the members alice, bob and admin (an admin), with the password "correct horse". Changes that a test
makes through the helpers come from outside the server, as from another process.
"""

import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import wait
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "correct horse"
START = 30.0  # seconds
# Tasks that don't have exactly one event for each of their versions.
BROKEN_HISTORIES = "SELECT id FROM task t WHERE version <> (SELECT count(*) FROM task_event e WHERE e.task_id = t.id)"


def environment(data_dir: Path, **overrides: str) -> dict[str, str]:
    names = ("PATH", "HOME", "LANG", "LANGUAGE", "COVERAGE_PROCESS_START")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    settings = {"DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "dashboard.settings", "PYTHONUNBUFFERED": "1"}
    return {**kept, **settings, "AMUX_BASE_URL": "http://127.0.0.1:1", "POLLER": "separate", **overrides}


@functools.cache
def _furnished() -> Path:
    """A DATA_DIR with a migrated database and the members, created once and copied for each server."""
    data_dir = Path(tempfile.mkdtemp(prefix="reelboard-furnished-"))
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment(data_dir), check=True)
    with DbAgent(environment(data_dir)) as agent:
        for name in ("alice", "bob", "admin"):
            agent.act("member", username=name, is_admin=name == "admin")
        agent.act("rows", sql="PRAGMA wal_checkpoint(TRUNCATE)")
    return data_dir


class DbAgent:
    """Runs `tests.support.db_agent`; each act takes a few ms."""

    def __init__(self, env: dict[str, str]) -> None:
        program = "import django; django.setup(); from tests.support import db_agent; db_agent.main()"
        command = [sys.executable, "-c", program]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=pipe, stdout=pipe, text=True)

    def act(self, name: str, **given: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, given]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"{name} failed"
        return json.loads(line)

    def __enter__(self) -> "DbAgent":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)


class PollerProcess:
    """`manage.py runworker poller`, with its output. It is not started automatically; close it, or use `with`."""

    def __init__(self, data_dir: Path, **env: str) -> None:
        self._env = environment(data_dir, **env)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "PollerProcess":
        command = [sys.executable, "manage.py", "runworker", "poller"]
        self._process = subprocess.Popen(command, cwd=ROOT, env=self._env, stdout=self._log, stderr=self._log)
        return self

    @property
    def output(self) -> str:
        # pread leaves the offset unchanged. The process shares the offset, and writes there.
        return os.pread(self._log.fileno(), os.fstat(self._log.fileno()).st_size, 0).decode()

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def terminate(self, times: int = 1) -> tuple[int, float]:
        """Sends SIGTERM. Returns the exit code, and how many seconds it took."""
        begun = time.monotonic()
        for _ in range(times):
            self.send(signal.SIGTERM)
        return self.exit_code(), time.monotonic() - begun

    def exit_code(self) -> int:
        """Waits until the process has ended."""
        assert self._process is not None
        return self._process.wait(timeout=60)

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(timeout=60)

    def close(self) -> None:
        self.kill()
        self._log.close()

    def __enter__(self) -> "PollerProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ServerProcess:
    """`env` overrides settings; it may be changed between two starts. The server is not started automatically."""

    def __init__(self, data_dir: Path, **env: str) -> None:
        self.data_dir = data_dir
        self.env = env
        self.umask = -1  # -1: the umask of the tests
        self.port = free_port()
        self.output: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._db_agent: DbAgent | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def rss_kb(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])

    def start(self) -> None:
        """Returns once the server responds."""
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port)]
        env = environment(self.data_dir, **self.env)
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=env, umask=self.umask, stdout=pipe, stderr=subprocess.STDOUT, text=True
        )
        self.output = []
        is_up = threading.Event()
        threading.Thread(target=self._read, args=(self._process, is_up), daemon=True).start()
        assert is_up.wait(START), "".join(self.output)
        assert self._process.poll() is None, "".join(self.output)
        assert httpx.get(f"{self.url}/healthz", timeout=START).text == "ok\n"

    def terminate(self) -> tuple[int, float]:
        """Sends SIGTERM. Returns the exit code, and how many seconds it took."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Sends SIGKILL: nothing is cleaned up."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.terminate()
        self.start()

    def eventually(self, holds: Callable[[], object], patience: float = wait.PATIENCE) -> None:
        """Returns as soon as the condition holds; fails after `patience` seconds with the server's output."""
        wait.until(holds, patience, output=lambda: "".join(self.output))

    def act(self, name: str, **given: Any) -> Any:
        """Calls a function of `tests.support.db_agent`."""
        if self._db_agent is None:
            self._db_agent = DbAgent(environment(self.data_dir, **self.env))
        return self._db_agent.act(name, **given)

    def session(self, username: str) -> str:
        """Returns a Cookie header of a signed-in member, without the sign-in page."""
        cookie = self.act("session", username=username)
        assert isinstance(cookie, str)
        return cookie

    def browser(self, username: str) -> httpx.Client:
        """Returns a client that is signed in without the form; the caller closes it."""
        name, _, value = self.session(username).partition("=")
        return httpx.Client(base_url=self.url, cookies={name: value}, timeout=60)

    def sign_in(self, username: str, password: str = PASSWORD) -> httpx.Cookies:
        """Signs in through the form, as a person does."""
        with httpx.Client(base_url=self.url, timeout=60) as client:
            answer = self.try_to_sign_in(client, username, password)
            assert answer.status_code == 302, answer.text
            return client.cookies

    def try_to_sign_in(self, client: httpx.Client, username: str, password: str) -> httpx.Response:
        page = client.get("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token is not None, page.text
        form = {"login": username, "password": password, "csrfmiddlewaretoken": token[1]}
        return client.post("/accounts/login/", data=form, headers={"Origin": self.url})

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        if self._db_agent is not None:
            self._db_agent.__exit__()

    def _read(self, process: "subprocess.Popen[str]", is_up: threading.Event) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.output.append(line)
            address = re.search(r"is at http://127\.0\.0\.1:(\d+)/", line)
            if address:
                self.port = int(address[1])
                is_up.set()
        process.stdout.close()
        is_up.set()

    def _end(self, number: signal.Signals) -> tuple[int, float]:
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(number)
        code = self._process.wait(timeout=30)
        return code, time.monotonic() - began


def new_process(tmp_path: Path, **env: str) -> ServerProcess:
    """Creates a server with its own database; the caller closes it."""
    data_dir = tmp_path / "data"
    shutil.copytree(_furnished(), data_dir)
    return ServerProcess(data_dir, **env)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServerProcess]:
    """Not started yet, so that a test can set `env` first."""
    made = new_process(tmp_path)
    yield made
    made.close()
