"""Two servers with one database and one Redis: changes in one are visible in the other."""

import signal
import time
from collections.abc import Iterator

import httpx
import pytest
import redis as redis_client

from tests.support.engines import Redis
from tests.support.event_source import Stream
from tests.support.processes import PASSWORD, ServerProcess

pytestmark = pytest.mark.server


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
    """As alice does on the task's page."""
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


def test_it_notifies_the_other_process(process: ServerProcess, other: ServerProcess) -> None:
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
    redis.stop(signal.SIGKILL)
    relabel(other, task, "while it was away")
    assert seconds_until_seen(stream, "while it was away") < 10
    redis.start()
    relabel(other, task, "when it was back")
    assert seconds_until_seen(stream, "when it was back") < 10
    stream.close()


def says(server: ServerProcess, password: str) -> str:
    """Returns the result of a sign-in as alice: the redirect's location or the text of the page."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        answer = server.try_to_sign_in(client, "alice", password)
        return str(answer.headers.get("Location", answer.text))


def test_tries_to_sign_in_count_in_both(process: ServerProcess, other: ServerProcess) -> None:
    for _ in range(5):
        assert "Wrong username or password" in says(process, "a guess")
        assert "Wrong username or password" in says(other, "a guess")
    assert "Too many failed" in says(process, PASSWORD)
    assert "Too many failed" in says(other, PASSWORD)


def test_signing_in_leaves_no_connection_to_redis_behind(process: ServerProcess, redis: Redis) -> None:
    process.env = {"REDIS_URL": redis.url}
    process.start()
    with redis_client.Redis.from_url(redis.url) as client:
        before = len(client.client_list())
        for _ in range(5):
            says(process, PASSWORD)
        # They are closed after the response was sent.
        process.eventually(lambda: len(client.client_list()) == before)


@pytest.mark.parametrize("stop_signal", [signal.SIGKILL, signal.SIGSTOP])
def test_one_can_sign_in_while_redis_is_away(
    process: ServerProcess, other: ServerProcess, redis: Redis, stop_signal: signal.Signals
) -> None:
    redis.send(stop_signal)
    assert says(process, PASSWORD) == "/"
