"""Where failed sign-ins are counted: in Redis for all servers together, in this process while Redis is away."""

import json
import logging
import time
from typing import Any, ClassVar, Final

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

PATIENCE: Final = 1.0  # seconds for Redis to answer; somebody waits at the sign-in page
AWAY: Final = 5.0  # seconds until it is asked again

logger = logging.getLogger(__name__)


class Json:
    """Django's own way is pickle, which would let anybody who can write to Redis run code here."""

    def dumps(self, value: object) -> str:
        return json.dumps(value)

    def loads(self, text: bytes) -> Any:
        return json.loads(text)


class Counts(RedisCache):
    """Has what allauth's limits use: `add`, `get`, `set`, `delete`. OPTIONS are of the counts in this process."""

    _back_at: ClassVar[float] = 0.0  # of time.monotonic, for all threads

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        patient = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "serializer": Json}
        super().__init__(server, {**params, "OPTIONS": patient})
        self._here = LocMemCache("sign-ins", params)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("add", *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("delete", *args, **kwargs)

    def close(self, **_: Any) -> None:
        """By Django, at the end of a request: the next has another object like this, and would not use its pool."""
        if "_cache" in vars(self):
            for pool in self._cache._pools.values():  # type: ignore[attr-defined]  # not in the stubs
                pool.disconnect()

    def _ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= Counts._back_at:
            try:
                return getattr(super(), name)(*args, **kwargs)
            except (RedisError, ValueError) as error:
                Counts._back_at = time.monotonic() + AWAY
                logger.warning("failed sign-ins are counted by each server for itself: %s", type(error).__name__)
        return getattr(self._here, name)(*args, **kwargs)
