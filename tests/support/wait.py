"""Waiting until something holds. How long it may take is sized for a busy machine; the answer is given at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable

PATIENCE = 20.0  # seconds
PAUSE = 0.02  # seconds between two looks


def until(holds: Callable[[], object], within: float = PATIENCE, *, output: Callable[[], str] = str) -> float:
    """Returns how long it took, in seconds. Raises AssertionError when time is up; `output` says what else is known."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < within, f"not so after {within:g} s: {output()}"
        time.sleep(PAUSE)
    return time.monotonic() - begun


async def until_async(holds: Callable[[], Awaitable[object]], within: float = PATIENCE) -> float:
    """The same, for what has to be awaited."""
    begun = time.monotonic()
    while not await holds():
        assert time.monotonic() - begun < within, f"not so after {within:g} s"
        await asyncio.sleep(PAUSE)
    return time.monotonic() - begun
