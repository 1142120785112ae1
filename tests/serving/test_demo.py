"""`make demo` and `make run`: after the setup, their commands start, and stop when told to."""

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from dashboard.demo.catalog import VIDEOS
from dashboard.management import demo_launcher
from tests.support.ports import free_port
from tests.support.processes import ROOT, environment

pytestmark = pytest.mark.server


def command_of(*make: str) -> list[str]:
    """Returns the last command that `make` would run; the ones before it only set up."""
    # `make test` sets variables for the nested make.
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    shown = subprocess.run([*make, "--dry-run"], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    program, *arguments = shlex.split(shown.stdout.splitlines()[-1])
    assert program == ".venv/bin/python"
    return [sys.executable, *arguments]


@contextmanager
def running(command: Sequence[str], env: dict[str, str]) -> Iterator[list[str]]:
    """Runs the command, and yields its output up to the line with its URL."""
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout is not None
            said: list[str] = []
            while not said or (said[-1] and "http://" not in said[-1]):
                said.append(process.stdout.readline())
            yield said
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path, PORT=str(free_port()), POLLER="embedded")


def test_make_demo_serves_and_names_its_sign_ins(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    for name in VIDEOS:
        (tmp_path / "videos" / f"{name}.mp4").write_bytes(b"made before")
    with running(command_of("make", "demo"), env) as said:
        assert {"ada", "max"} <= set("".join(said).split())
        assert said[-1].split()[-1] == f"http://127.0.0.1:{env['PORT']}/"  # after that line it prints only problems
        assert httpx.get(f"http://127.0.0.1:{env['PORT']}/accounts/login/", timeout=60).status_code == 200


def test_make_run_serves(env: dict[str, str]) -> None:
    with running(command_of("make", "run"), env) as said:
        assert f"Reelboard is at http://127.0.0.1:{env['PORT']}/" in said[-1]
        assert httpx.get(f"http://127.0.0.1:{env['PORT']}/healthz", timeout=60).status_code == 200


def test_make_demo_takes_another_port_where_one_is_taken(env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert demo_launcher.free_port(port) != port
        command = [sys.executable, "-m", "dashboard.management.demo_launcher"]
        asked_for = env | {"PORT": str(port)}
        refused = subprocess.run(command, cwd=ROOT, env=asked_for, capture_output=True, text=True, check=False)
    assert (refused.returncode, f"Port {port} is taken" in refused.stderr) == (1, True)


def test_the_log_of_the_demo_is_quiet(env: dict[str, str]) -> None:
    code = "import django; django.setup(); import logging; print(logging.getLogger().level)"
    quiet = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=env | {"LOG_LEVEL": "warning"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert quiet.stdout.strip() == "30"
