"""Cache backends for counting failed sign-ins: in Redis for all servers, or in this process while Redis is down.

Values from Redis are not trusted. A value that we couldn't have written is ignored and logged.
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

TIMEOUT: Final = 1.0  # seconds for Redis to respond; short, because someone is waiting to sign in
RETRY_AFTER: Final = 5.0  # seconds until Redis is tried again
LONGEST: Final = 128  # bytes per value; ours take about 40
MAX_PAUSE: Final = 0.01  # seconds between two attempts
ATTEMPTS: Final = 100  # at a change, while other processes keep changing the value
MISSING: Final = object()

logger = logging.getLogger(__name__)


class Change(NamedTuple):
    """A new value and its lifetime in seconds."""

    value: list[float]
    lifetime: int


Changer = Callable[[object], Change | None]


class Contended(RedisError):
    """Raised if other processes kept changing the value."""


class JsonSerializer:
    """Stores values as JSON. With Django's default, pickle, anyone who can write to Redis could run code here."""

    def dumps(self, value: object) -> str:
        return json.dumps(value)

    def loads(self, text: bytes) -> Any:
        """Returns None if the value isn't JSON or is longer than anything we write."""
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
        """Replaces the value with what `changer` returns for it. `changer` gets None if there is no value.

        Leaves the value alone if `changer` returns None.
        """
        with self._changing:
            changed = changer(self.get(key))
            if changed is not None:
                self.set(key, changed.value, changed.lifetime)


class FallbackRedisCache(RedisCache):
    """A cache in Redis that falls back to one in this process while Redis is down. OPTIONS apply to the fallback."""

    _back_at: ClassVar[float] = 0.0  # time.monotonic() at which to try Redis again; shared by all threads
    # The threads of a process take turns. Without the lock, simultaneous attempts would keep failing on WATCH.
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
        """Like `LocalCache.change`, but atomic across all processes and servers."""
        with self._changing:
            if not self._is_away():
                try:
                    client = self._cache.get_client(key, write=True)
                    return _change(client, self.make_and_validate_key(key), changer)
                except RedisError as error:
                    self._went_away(error)
        return self._local.change(key, changer)

    def close(self, **_: Any) -> None:
        """Closes the connection pools. Django calls this after each request; the next one gets a new cache object."""
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
    """Returns the value, or None if there is none or it isn't valid. Reads a few bytes only, in case it is huge."""
    try:
        text = pipe.getrange(name, 0, LONGEST)
    except ResponseError as error:
        if not str(error).startswith("WRONGTYPE"):
            raise
        text = bytes(LONGEST + 1)
    return JsonSerializer().loads(text) if text else None


def change(key: str, changer: Changer) -> None:
    """Changes a value in the configured cache."""
    store: Any = cache
    store.change(key, changer)


def numbers(value: object, length: int) -> list[float] | None:
    """Returns `value` if it is a list of `length` finite, non-negative numbers, else None."""
    if not isinstance(value, list) or len(value) != length:
        return None
    are_numbers = all(type(one) in (int, float) and math.isfinite(one) and one >= 0 for one in value)
    return [float(one) for one in value] if are_numbers else None
