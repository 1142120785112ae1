"""How the time of a call grows with the text that it is given, measured so that a busy machine changes nothing."""

import time
from collections.abc import Callable

LARGEST = 32 * 1024  # characters: the most that a request's head may hold
MOST = 0.020  # seconds of processor for so many
DOUBLED = 2.5  # times the cost, at most, for twice the text
FLOOR = 0.002  # seconds; below it a ratio says more of the clock than of the call
TRIES = 7


def cost(call: Callable[[], object]) -> float:
    """Seconds that this thread alone spent; whoever else is busy does not count."""
    begun = time.thread_time()
    call()
    return time.thread_time() - begun


def best(call: Callable[[], object], enough: float) -> float:
    """The least of several tries; the first one that is good enough ends them."""
    least = cost(call)
    for _ in range(TRIES - 1):
        if least <= enough:
            break
        least = min(least, cost(call))
    return least


def complaint(call: Callable[[int], Callable[[], object]]) -> str:
    """What is wrong with the growth of `call(size)()`, empty for nothing. Small sizes first: a bad one ends early."""
    before = 0.0
    for size in (LARGEST // 8, LARGEST // 4, LARGEST // 2, LARGEST):
        now = best(call(size), FLOOR)
        if now > MOST:
            return f"{now * 1000:.0f} ms for {size:,} characters"
        if before and now > FLOOR and now > DOUBLED * max(before, FLOOR / 2):
            now, before = best(call(size), 0.0), best(call(size // 2), 0.0)
            if now > DOUBLED * max(before, FLOOR / 2):
                return f"{now / before:.1f} times as much for {size:,} characters as for half of them"
        before = now
    return ""
