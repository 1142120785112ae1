"""Waits until a condition holds. The timeouts are sized for a busy machine; the result is returned immediately."""

import asyncio
import time
from collections.abc import Awaitable, Callable

PATIENCE = 20.0  # seconds
PAUSE = 0.02  # seconds between two checks


def until(holds: Callable[[], object], within: float = PATIENCE, *, output: Callable[[], str] = str) -> float:
    """Returns how long it took, in seconds. Raises AssertionError after the timeout; `output` adds details to the
    error."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < within, f"not so after {within:g} s: {output()}"
        time.sleep(PAUSE)
    return time.monotonic() - begun


async def until_async(holds: Callable[[], Awaitable[object]], within: float = PATIENCE) -> float:
    """Like `until`, for coroutines."""
    begun = time.monotonic()
    while not await holds():
        assert time.monotonic() - begun < within, f"not so after {within:g} s"
        await asyncio.sleep(PAUSE)
    return time.monotonic() - begun
