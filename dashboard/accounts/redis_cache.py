"""Where failed sign-ins are counted: in Redis for all servers together, in this process while Redis is away.

What is read there is not trusted: whatever could not have been written by us counts as nothing, and is logged.
"""

import json
import logging
import math
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
ATTEMPTS: Final = 20  # at a change that others keep overtaking
MISSING: Final = object()

logger = logging.getLogger(__name__)


class Change(NamedTuple):
    """What a value becomes, and the seconds that it lives."""

    value: list[float]
    lifetime: int


Changer = Callable[[object], Change | None]


class Contended(RedisError):
    """Others kept changing the value."""


class JsonSerializer:
    """Django's own way is pickle, which would let anybody who can write to Redis run code here."""

    def dumps(self, value: object) -> str:
        return json.dumps(value)

    def loads(self, text: bytes) -> Any:
        """None for what is no JSON, or longer than anything of ours."""
        try:
            if len(text) <= LONGEST:
                return json.loads(text)
        except (ValueError, RecursionError):
            pass
        logger.warning("a count of failed sign-ins was not readable, and begins anew")
        return None


class LocalCache(LocMemCache):
    """In this process alone."""

    _changing: ClassVar = threading.Lock()

    def change(self, key: str, changer: Changer) -> None:
        """Puts in what `changer` makes of the value, None if there is none. It stays as it is where that is None."""
        with self._changing:
            changed = changer(self.get(key))
            if changed is not None:
                self.set(key, changed.value, changed.lifetime)


class FallbackRedisCache(RedisCache):
    """In Redis. OPTIONS are of the counts in this process, which are used while it is away."""

    _back_at: ClassVar[float] = 0.0  # of time.monotonic, for all threads

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
        """As `LocalCache.change`: nobody else changes the value in between, on no server."""
        if self._is_away():
            return self._local.change(key, changer)
        try:
            client = self._cache.get_client(key, write=True)
            return _change(client, self.make_and_validate_key(key), changer)
        except RedisError as error:
            self._went_away(error)
            return self._local.change(key, changer)

    def close(self, **_: Any) -> None:
        """By Django, at the end of a request: the next has another object like this, and would not use its pool."""
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
                continue
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
    """In whichever of the two is set up."""
    store: Any = cache
    store.change(key, changer)


def numbers(value: object, length: int) -> list[float] | None:
    """`value` if it is a list of so many finite numbers, none below 0."""
    if not isinstance(value, list) or len(value) != length:
        return None
    are_numbers = all(type(one) in (int, float) and math.isfinite(one) and one >= 0 for one in value)
    return [float(one) for one in value] if are_numbers else None
