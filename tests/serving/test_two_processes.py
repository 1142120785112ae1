"""Two servers with one database and one Redis: what happens in one is seen through the other."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.eventsource import Stream
from tests.processes import ServerProcess

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="there is no redis-server here"),
]


class Redis:
    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._folder = folder
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.02)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    running = Redis(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def other(process: ServerProcess, redis: Redis) -> Iterator[ServerProcess]:
    """The second server; both are running."""
    process.env = {"REDIS_URL": redis.url}
    process.start()
    second = ServerProcess(process.data_dir, REDIS_URL=redis.url)
    second.start()
    yield second
    second.close()


def relabel(server: ServerProcess, task: str, label: str) -> None:
    """As alice does it on the task's page."""
    with server.browser("alice") as browser:
        browser.get(f"/tasks/{task}")
        token = browser.cookies["reelboard_csrf"]
        headers = {"X-CSRFToken": token, "Origin": server.url}
        assert browser.post(f"/tasks/{task}/label", data={"label": label}, headers=headers).status_code in (200, 302)


def seconds_until_seen(stream: Stream, label: str) -> float:
    began = time.monotonic()
    while label not in stream.wait_for("task", patience=12).data:
        pass
    return time.monotonic() - began


def test_it_rings_in_the_other_process(process: ServerProcess, other: ServerProcess) -> None:
    task = process.act("task", owner="alice", upstream_id="task-1")
    stream = Stream(process.port, {"Cookie": process.session("alice")})
    stream.wait_for("tick")
    for number in range(3):
        relabel(other, task, f"name {number}")
        assert seconds_until_seen(stream, f"name {number}") < 2
    stream.close()


def test_it_catches_up_without_redis_and_after_it(process: ServerProcess, other: ServerProcess, redis: Redis) -> None:
    task = process.act("task", owner="alice", upstream_id="task-1")
    stream = Stream(process.port, {"Cookie": process.session("alice")})
    stream.wait_for("tick")
    redis.stop()
    relabel(other, task, "while it was away")
    assert seconds_until_seen(stream, "while it was away") < 10
    redis.start()
    relabel(other, task, "when it was back")
    assert seconds_until_seen(stream, "when it was back") < 10
    stream.close()
