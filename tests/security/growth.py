"""How the time of a call grows with the text that it is given, measured so that a busy machine changes nothing."""

import gc
import time
from collections.abc import Callable

LARGEST = 32 * 1024  # characters: the most that a request's head may hold
MOST = 0.020  # seconds of processor for so many
DOUBLED = 2.5  # times the cost, at most, for twice the text
FLOOR = 0.002  # seconds; below it a ratio says more of the clock than of the call
TRIES = 7
ROUNDS = 5


def cost(call: Callable[[], object]) -> float:
    """Seconds that this thread alone spent; whoever else is busy does not count."""
    gc.disable()  # what the rest of the program keeps alive is not this call's to pay for
    try:
        begun = time.thread_time()
        call()
        return time.thread_time() - begun
    finally:
        gc.enable()


def best(call: Callable[[], object], enough: float) -> float:
    """The least of several tries; the first one that is good enough ends them."""
    least = cost(call)
    for _ in range(TRIES - 1):
        if least <= enough:
            break
        least = min(least, cost(call))
    return least


def complaint(call: Callable[[int], Callable[[], object]]) -> str:
    """What is wrong with the growth of `call(size)()`, empty for nothing."""
    eighth = best(call(LARGEST // 8), FLOOR)
    if eighth > MOST:  # bad enough, and the whole would take very long
        return f"{eighth * 1000:.0f} ms for {LARGEST // 8:,} characters"
    whole = best(call(LARGEST), FLOOR)
    if whole <= FLOOR:
        return ""
    whole = min(whole, best(call(LARGEST), MOST))
    if whole > MOST:
        return f"{whole * 1000:.0f} ms for {LARGEST:,} characters"
    return "" if grows_in_proportion(call) else f"more than {DOUBLED} times as much for twice the text"


def grows_in_proportion(call: Callable[[int], Callable[[], object]]) -> bool:
    """Compares a text with one of twice its size, both long enough for their times to be told apart from noise."""
    size = LARGEST // 2
    while size < 16 * LARGEST and best(call(size), 0.0) < FLOOR:
        size *= 2
    # A busy machine slows one of the two, never both in each round.
    return any(best(call(2 * size), 0.0) <= DOUBLED * max(best(call(size), 0.0), FLOOR) for _ in range(ROUNDS))
