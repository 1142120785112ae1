"""Measures how the time of a call grows with the length of its text, independently of other load on the machine."""

import gc
import time
from collections.abc import Callable

LARGEST = 32 * 1024  # characters: the maximum size of a request's headers
MOST = 0.020  # processor seconds for that many characters
DOUBLED = 2.5  # times the cost, at most, for a text of twice the length
FLOOR = 0.002  # seconds; below this, a ratio measures the clock rather than the call
TRIES = 7
ROUNDS = 5


def cost(call: Callable[[], object]) -> float:
    """Returns the processor seconds of this thread alone; other load does not count."""
    gc.disable()  # the garbage of the rest of the program must not count
    try:
        begun = time.thread_time()
        call()
        return time.thread_time() - begun
    finally:
        gc.enable()


def best(call: Callable[[], object], enough: float) -> float:
    """Returns the minimum of several tries; stops at the first that is low enough."""
    least = cost(call)
    for _ in range(TRIES - 1):
        if least <= enough:
            break
        least = min(least, cost(call))
    return least


def complaint(call: Callable[[int], Callable[[], object]], limit: int | None = None) -> str:
    """Returns what is wrong with the growth of `call(size)()`; empty if nothing is.

    With `limit`, texts are never longer than that, and only the cost of one of that size counts.
    """
    if limit is not None:
        longest = best(call(limit), MOST)
        return f"{longest * 1000:.0f} ms for {limit:,} characters" if longest > MOST else ""
    eighth = best(call(LARGEST // 8), FLOOR)
    if eighth > MOST:  # already too slow, and the full size would take very long
        return f"{eighth * 1000:.0f} ms for {LARGEST // 8:,} characters"
    whole = best(call(LARGEST), FLOOR)
    if whole <= FLOOR:
        return ""
    whole = min(whole, best(call(LARGEST), MOST))
    if whole > MOST:
        return f"{whole * 1000:.0f} ms for {LARGEST:,} characters"
    return "" if grows_in_proportion(call) else f"more than {DOUBLED} times as much for twice the text"


def grows_in_proportion(call: Callable[[int], Callable[[], object]]) -> bool:
    """Compares a text with one of twice its size, both long enough to be distinguishable from noise."""
    size = LARGEST // 2
    while size < 16 * LARGEST and best(call(size), 0.0) < FLOOR:
        size *= 2
    # A busy machine slows down one of the two, but never both in every round.
    return any(best(call(2 * size), 0.0) <= DOUBLED * max(best(call(size), 0.0), FLOOR) for _ in range(ROUNDS))
