"""Where failed sign-ins are counted: in Redis for all servers together, in this process while Redis is away.

What is read there is not trusted: whatever could not have been written by us counts as nothing, and is logged.
"""

import json
import logging
import math
import random
import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar, Final, NamedTuple

from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis import Redis
from redis.exceptions import RedisError, ResponseError, WatchError

TIMEOUT: Final = 1.0  # seconds for Redis to answer; somebody waits at the sign-in page
RETRY_AFTER: Final = 5.0  # seconds until it is asked again
LONGEST: Final = 128  # bytes of a value; ours take some 40
MAX_PAUSE: Final = 0.01  # seconds between two attempts
ATTEMPTS: Final = 100  # at a change that others keep overtaking
MISSING: Final = object()

logger = logging.getLogger(__name__)


class Change(NamedTuple):
    """The new value, and its lifetime in seconds."""

    value: list[float]
    lifetime: int


Changer = Callable[[object], Change | None]


class Contended(RedisError):
    """Other processes kept changing the value."""


class JsonSerializer:
    """Stores JSON. Django's pickle would let anyone who can write to Redis run code here."""

    def dumps(self, value: object) -> str:
        return json.dumps(value)

    def loads(self, text: bytes) -> Any:
        """Returns None for a value that is not JSON, or longer than any that we write."""
        try:
            if len(text) <= LONGEST:
                return json.loads(text)
        except (ValueError, RecursionError):
            pass
        logger.warning("a count of failed sign-ins was not readable, and begins anew")
        return None


class LocalCache(LocMemCache):
    """A cache in this process."""

    _changing: ClassVar = threading.Lock()

    def change(self, key: str, changer: Changer) -> None:
        """Sets what `changer` returns for the current value (None if there is none). Leaves it if that returns None."""
        with self._changing:
            changed = changer(self.get(key))
            if changed is not None:
                self.set(key, changed.value, changed.lifetime)


class FallbackRedisCache(RedisCache):
    """A cache in Redis. OPTIONS are those of the cache in this process, which is used while Redis is down."""

    _back_at: ClassVar[float] = 0.0  # of time.monotonic, for all threads
    # The threads of a process take turns. Guesses that are made at once would overtake each other again and again.
    _changing: ClassVar = threading.Lock()

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        patient = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT, "serializer": JsonSerializer}
        super().__init__(server, {**params, "OPTIONS": patient})
        self._local = LocalCache("sign-ins", params)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("add", *args, **kwargs)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        found = self._call("get", key, MISSING, version)
        return default if found is MISSING or found is None else found

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("set", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("delete", *args, **kwargs)

    def change(self, key: str, changer: Changer) -> None:
        """Like `LocalCache.change`: no other process changes the value in between, on any server."""
        with self._changing:
            if not self._is_away():
                try:
                    client = self._cache.get_client(key, write=True)
                    return _change(client, self.make_and_validate_key(key), changer)
                except RedisError as error:
                    self._went_away(error)
        return self._local.change(key, changer)

    def close(self, **_: Any) -> None:
        """Closes the pool. Django calls it after each request, and the next request has another object like this."""
        if "_cache" in vars(self):
            for pool in self._cache._pools.values():  # type: ignore[attr-defined]  # not in the stubs
                pool.disconnect()

    def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if not self._is_away():
            try:
                return getattr(super(), name)(*args, **kwargs)
            except RedisError as error:
                self._went_away(error)
        return getattr(self._local, name)(*args, **kwargs)

    def _is_away(self) -> bool:
        return time.monotonic() < FallbackRedisCache._back_at

    def _went_away(self, error: RedisError) -> None:
        FallbackRedisCache._back_at = time.monotonic() + RETRY_AFTER
        logger.warning("failed sign-ins are counted by each server for itself: %s", type(error).__name__)


def _change(client: "Redis", name: str, changer: Changer) -> None:
    with client.pipeline() as pipe:
        for _ in range(ATTEMPTS):
            try:
                pipe.watch(name)  # type: ignore[no-untyped-call]  # redis has no types for it
                changed = changer(_read(pipe, name))
                if changed is None:
                    return
                pipe.multi()
                pipe.set(name, json.dumps(changed.value), ex=max(1, changed.lifetime))
                pipe.execute()
                return
            except WatchError:
                time.sleep(random.uniform(0, MAX_PAUSE))  # noqa: S311  # spreads servers that overtake each other
    raise Contended


def _read(pipe: Any, name: str) -> object:
    """The value, None where there is none. Never more than a little of it: a huge one would be fetched each time."""
    try:
        text = pipe.getrange(name, 0, LONGEST)
    except ResponseError as error:
        if not str(error).startswith("WRONGTYPE"):
            raise
        text = bytes(LONGEST + 1)
    return JsonSerializer().loads(text) if text else None


def change(key: str, changer: Changer) -> None:
    """Changes a value in the cache that is configured."""
    store: Any = cache
    store.change(key, changer)


def numbers(value: object, length: int) -> list[float] | None:
    """Returns `value` if it is a list of that many finite numbers of at least 0."""
    if not isinstance(value, list) or len(value) != length:
        return None
    are_numbers = all(type(one) in (int, float) and math.isfinite(one) and one >= 0 for one in value)
    return [float(one) for one in value] if are_numbers else None
