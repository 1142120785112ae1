"""A real PostgreSQL and a real Redis on free ports, deleted when they are closed.

`python -m tests.support.engines COMMAND ...` starts both, runs COMMAND with DATABASE_URL and REDIS_URL set to them, and
exits with its exit code. If one is not installed, it says so and exits with 0, or with 1 if CI=true.
"""

import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

import psycopg
import pytest
from django.db import connection

from tests.support.ports import free_port

USER = "reelboard"
START = 30.0  # seconds
# The data does not have to survive a crash of the machine, but it has to survive the server: a restart must lose
# nothing.
POSTGRES_OPTIONS = ("fsync=off", "full_page_writes=off", "max_connections=200", "shared_buffers=64MB")


AnEngine = TypeVar("AnEngine", bound="Engine")


class NotInstalled(Exception):
    """Raised if a required program is missing."""


def _found(name: str, *folders: str) -> str:
    path = next((f"{folder}/{name}" for folder in folders if Path(folder, name).exists()), shutil.which(name))
    if path is None:
        raise NotInstalled(f"{name} is not installed")
    return path


class Engine:
    """A server process with its own folder. It can be stopped and started again on the same port."""

    at_once = signal.SIGKILL  # the signal that ends it without leaving processes behind

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="reelboard-engine-", dir="/tmp"))
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def is_up(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        """Returns once the server accepts requests."""
        log = self.folder / "log"
        with log.open("ab") as output:
            self.process = self.launch(self.command(), output)
        deadline = time.monotonic() + START
        while not self.is_up():
            assert self.process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)

    def launch(self, command: list[str], output: BinaryIO) -> "subprocess.Popen[bytes]":
        # If the parent process is killed, this one must end, too.
        wrapped = ["setpriv", f"--pdeathsig={self.at_once.name}", *self.identity(), *command]
        return subprocess.Popen(wrapped, cwd=self.folder, stdout=output, stderr=subprocess.STDOUT)

    def identity(self) -> list[str]:
        """Options for setpriv."""
        return []

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.send(number)
            self.process.wait(timeout=30)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.stop(self.at_once)
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Engine):
    """Runs as another user if we are root, because PostgreSQL refuses to run as root."""

    at_once = signal.SIGQUIT

    def __init__(self) -> None:
        self._folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
        initdb = _found("initdb", *self._folders)
        super().__init__()
        self._user = "postgres" if os.geteuid() == 0 else ""  # created by Debian's package
        if self._user:
            shutil.chown(self.folder, self._user)
        options = ["--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        with (self.folder / "initdb.log").open("ab") as output:
            made = self.launch([initdb, "-D", str(self.data), *options], output)
        assert made.wait(timeout=60) == 0, (self.folder / "initdb.log").read_text()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def command(self) -> list[str]:
        places = ["-D", str(self.data), "-k", str(self.folder), "-h", "127.0.0.1", "-p", str(self.port)]
        options = [word for option in POSTGRES_OPTIONS for word in ("-c", option)]
        return [_found("postgres", *self._folders), *places, *options]

    def identity(self) -> list[str]:
        return [f"--reuid={self._user}", f"--regid={self._user}", "--clear-groups"] if self._user else []

    def is_up(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str = "postgres") -> str:
        return f"postgres://{USER}@127.0.0.1:{self.port}/{database}"

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Returns the rows, if the statement has a result."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def new_database(self, name: str, template: str = "template1") -> str:
        """Returns the URL of the new database. A template is copied with its data; it must have no open connections."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def restart(self, number: signal.Signals = signal.SIGINT) -> None:
        """SIGINT closes all connections and shuts down cleanly; SIGQUIT is like a crash."""
        self.stop(number)
        self.start()


class Redis(Engine):
    def __init__(self) -> None:
        self._program = _found("redis-server")
        super().__init__()

    def command(self) -> list[str]:
        places = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)]
        return [self._program, *places, "--save", "", "--appendonly", "no"]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def is_up(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@contextmanager
def running(make: Callable[[], AnEngine]) -> Iterator[AnEngine]:
    engine = make()
    try:
        engine.start()
        yield engine
    finally:
        engine.close()


@contextmanager
def for_tests(make: Callable[[], AnEngine]) -> Iterator[AnEngine]:
    """Skips the tests if the engine is not installed, or fails them if CI=true."""
    with ExitStack() as stack:
        try:
            engine = stack.enter_context(running(make))
        except NotInstalled as problem:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(problem))
        yield engine


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with for_tests(Postgres) as engine:
        yield engine


@pytest.fixture
def redis() -> Iterator[Redis]:
    """A Redis of the test's own, because tests stop it."""
    with for_tests(Redis) as engine:
        yield engine


def url_of_tests() -> str:
    """Returns the DATABASE_URL of this process's test database."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    return f"postgres://{known['USER']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"


def main(command: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with ExitStack() as stack:
        try:
            postgres, redis = stack.enter_context(running(Postgres)), stack.enter_context(running(Redis))
        except NotInstalled as problem:
            print(f"Not run on PostgreSQL and Redis: {problem}.", flush=True)
            return int(os.environ.get("CI") == "true")
        environment = {**os.environ, "DATABASE_URL": postgres.url(), "REDIS_URL": redis.url}
        return subprocess.call(command, env=environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
