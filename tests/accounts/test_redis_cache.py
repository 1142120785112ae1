"""Counting failed sign-ins for several servers together, with a real Redis."""

import pickle
import signal
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis as redis_client
from django.conf import settings

from dashboard.accounts.redis_cache import FallbackRedisCache
from tests.support.engines import Redis

KEY, MINUTE = "tries", 60


@pytest.fixture(autouse=True)
def nobody_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FallbackRedisCache, "_back_at", 0.0)


@pytest.fixture
def params() -> dict[str, Any]:
    return {"KEY_PREFIX": uuid.uuid4().hex, "OPTIONS": {"MAX_ENTRIES": 1_000}}


@pytest.fixture
def here(redis: Redis, params: dict[str, Any]) -> Iterator[FallbackRedisCache]:
    counts = FallbackRedisCache(redis.url, params)
    yield counts
    counts.close()


@pytest.fixture
def there(redis: Redis, params: dict[str, Any]) -> Iterator[FallbackRedisCache]:
    """The cache of another server, without access to its local fallback."""
    counts = FallbackRedisCache(redis.url, params)
    counts._local = None  # type: ignore[assignment]  # so that it would not go unnoticed
    yield counts
    counts.close()


def test_what_one_server_counts_all_know(here: FallbackRedisCache, there: FallbackRedisCache) -> None:
    here.set(KEY, [3.5, 1.25], MINUTE)
    assert there.get(KEY, []) == [3.5, 1.25]
    there.delete(KEY)
    assert here.get(KEY, []) == []


def test_one_server_at_a_time_has_the_lock(here: FallbackRedisCache, there: FallbackRedisCache) -> None:
    assert here.add(KEY, True, MINUTE)
    assert not there.add(KEY, True, MINUTE)


@pytest.mark.parametrize("stop_signal", [signal.SIGKILL, signal.SIGSTOP])
def test_each_counts_for_itself_while_redis_is_away(
    here: FallbackRedisCache, redis: Redis, stop_signal: signal.Signals
) -> None:
    redis.send(stop_signal)
    assert here.add("lock", True, MINUTE)
    here.set(KEY, [1.0], MINUTE)
    assert here.get(KEY, []) == [1.0]
    assert not here.add("lock", True, MINUTE)


def test_redis_is_asked_again(
    here: FallbackRedisCache, there: FallbackRedisCache, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis.stop(signal.SIGKILL)
    here.set(KEY, [1.0], MINUTE)
    redis.start()
    monkeypatch.setattr(FallbackRedisCache, "_back_at", 0.0)  # as if five seconds had passed
    here.set(KEY, [2.0], MINUTE)
    assert there.get(KEY, []) == [2.0]


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("raise SystemExit('ran what a neighbour wrote')",)


def test_nothing_that_is_in_redis_is_run(here: FallbackRedisCache, redis: Redis) -> None:
    with redis_client.Redis.from_url(redis.url) as client:
        client.set(here.make_key(KEY), pickle.dumps(Trap()))
    assert here.get(KEY, []) == []


def test_it_is_the_cache_where_there_is_redis() -> None:
    backend = settings.CACHES["default"]["BACKEND"]
    assert backend.endswith("FallbackRedisCache") == bool(settings.REDIS_URL)
