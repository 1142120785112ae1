"""Whatever data is in Redis, sign-in works, and the count starts again."""

from collections.abc import Callable

import httpx
import pytest
import redis as redis_client

from tests.support.engines import Redis
from tests.support.processes import PASSWORD, ServerProcess

pytestmark = pytest.mark.server
Poison = Callable[["redis_client.Redis", bytes], object]


def text(value: bytes) -> Poison:
    return lambda client, key: client.set(key, value)


POISONS: dict[str, Poison] = {
    "no JSON": text(b"\x80\x04garbage"),
    "empty": text(b""),
    "null": text(b"null"),
    "number": text(b"17"),
    "text": text(b'"12"'),
    "object": text(b'{"failures": 3}'),
    "booleans": text(b"[true, true]"),
    "texts": text(b'["1", "2"]'),
    "nested": text(b"[" * 100_000),
    "endless number": text(b"[" + b"9" * 100_000 + b", 1]"),
    "huge number": text(b"[1e300, 1e300]"),
    "infinite": text(b"[Infinity, Infinity]"),
    "not a number": text(b"[NaN, 1]"),
    "negative": text(b"[-5, -5]"),
    "far future": text(b"[1000, 99999999999]"),
    "long": text(b"[" + b"1," * 100_000 + b"1]"),
    "huge": text(bytes(20_000_000)),
    "list": lambda client, key: (client.delete(key), client.rpush(key, "1")),
    "hash": lambda client, key: (client.delete(key), client.hset(key, "a", "1")),
}


def try_to_sign_in(server: ServerProcess, password: str) -> httpx.Response:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        return server.try_to_sign_in(client, "alice", password)


def test_signing_in_works_whatever_stands_there(process: ServerProcess, redis: Redis) -> None:
    process.env = {"REDIS_URL": redis.url}
    process.start()
    with redis_client.Redis.from_url(redis.url) as client:
        for name, poison in POISONS.items():
            assert try_to_sign_in(process, "a guess").status_code == 200, name
            for key in client.keys("reelboard:*"):
                poison(client, key)
            assert try_to_sign_in(process, PASSWORD).status_code == 302, name
            client.flushall()
    assert "begins anew" in "".join(process.output)
    assert "each server for itself" not in "".join(process.output)


def test_a_poisoned_count_is_counted_on(process: ServerProcess, redis: Redis) -> None:
    process.env = {"REDIS_URL": redis.url}
    process.start()
    with redis_client.Redis.from_url(redis.url) as client:
        try_to_sign_in(process, "a guess")
        for key in client.keys("reelboard:*"):
            client.set(key, "garbage")
        statuses = [try_to_sign_in(process, "a guess").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
