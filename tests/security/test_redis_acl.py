"""A Redis user with exactly the rights that docs/operations.md lists."""

import re
from collections.abc import Callable

import httpx
import pytest
import redis as redis_client

from tests.support.engines import Redis
from tests.support.processes import PASSWORD, ROOT, ServerProcess

pytestmark = pytest.mark.server
BY_NAME = "resetkeys ~reelboard* resetchannels &reelboard* +@all"
WITHOUT_POLLER = "resetkeys ~reelboard* resetchannels &reelboardspecific* &reelboard__group__* +@all"
Start = Callable[[str], ServerProcess]


@pytest.fixture
def start(process: ServerProcess, redis: Redis) -> Start:
    """Starts a server that uses a Redis user with these rights."""

    def started(rights: str) -> ServerProcess:
        with redis_client.Redis.from_url(redis.url) as client:
            client.execute_command("ACL", "SETUSER", "reelboard", "on", ">password", *rights.split())
        process.env = {"REDIS_URL": redis.url.replace("//", "//reelboard:password@"), "POLLER": "embedded"}
        process.start()
        return process

    return started


def rights_in_operations() -> str:
    found = re.search(r"`ACL SETUSER reelboard on >password ([^`]+)`", (ROOT / "docs/operations.md").read_text())
    assert found
    return found[1]


def ready(process: ServerProcess) -> httpx.Response:
    return httpx.get(f"{process.url}/readyz", timeout=60)


def listeners(redis: Redis) -> int:
    """Returns the number of connections that are subscribed to the poller's channel."""
    with redis_client.Redis.from_url(redis.url) as client:
        return sum(number for _, number in client.pubsub_numsub("reelboard.poller", "poller"))


@pytest.mark.parametrize("rights", [BY_NAME, rights_in_operations], ids=["by name", "in operations.md"])
def test_everything_works_with_the_rights_that_are_named(start: Start, redis: Redis, rights: object) -> None:
    process = start(rights() if callable(rights) else str(rights))
    process.eventually(lambda: ready(process).status_code == 200, patience=60)
    process.eventually(lambda: listeners(redis) == 1, patience=60)
    with httpx.Client(base_url=process.url, timeout=60) as client:
        assert process.try_to_sign_in(client, "alice", "a guess").status_code == 200
        assert process.try_to_sign_in(client, "alice", PASSWORD).status_code == 302
    output = "".join(process.output)
    assert "NoPermission" not in output
    assert "each server for itself" not in output


def test_a_channel_that_is_refused_is_noticed(start: Start) -> None:
    process = start(WITHOUT_POLLER)
    process.eventually(lambda: "Redis refuses the channel reelboard.poller" in "".join(process.output), patience=60)
    process.eventually(lambda: "NoPermission" in ready(process).text, patience=60)
    assert ready(process).json()["channel_layer"] == "NoPermissionError"
