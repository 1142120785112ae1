"""What one process does when the gateway is out of order: stop, try with single polls, come back gently. Pure.

    closed --- three failures in a row ---> open --- a probe is answered ---> ramp ---> closed
                                            ^   |
                                            +---+ a probe fails: wait longer

Every time here is monotonic, in seconds.
"""

import math
from collections.abc import Callable
from random import Random
from typing import Final

from dashboard.polling import schedule

IN_A_ROW: Final = 3
SHORTEST: Final = 1.0
# Recovery is noticed after at most this long; with the ramp below 500 tasks are fresh again within a minute.
LONGEST: Final = 25.0
GENTLE: Final = 18.0  # polls a second at first,
ALL_WITHIN: Final = 30.0  # or as many more as it takes to ask for everything in so many seconds
BURST: Final = 2.0
DOUBLES: Final = 2.0  # seconds in which the ramp doubles, once every task has been asked for
FREE: Final = 2_000.0  # polls a second at which nothing is held back any more


class Breaker:
    """`clock`: monotonic seconds."""

    def __init__(self, rng: Random, clock: Callable[[], float]) -> None:
        self._rng = rng
        self._clock = clock
        self._failures = 0
        self._step = 0
        self._opened: float | None = None
        self._retry = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        return self._opened is not None

    def wait(self) -> float:
        """Seconds until something may be sent; 0.0 for now, and infinity while a probe is under way."""
        if self._opened is None:
            return 0.0
        return float("inf") if self._probing else max(0.0, self._retry - self._clock())

    def sent(self) -> None:
        self._probing = self.is_open

    def failed(self, begun: float, retry_after: float | None = None) -> bool:
        """A poll got no answer. True if that opened the breaker."""
        if self._opened is None:
            self._failures += 1
            if self._failures < IN_A_ROW:
                return False
            self._opened = self._clock()
            self._rest(retry_after)
            return True
        if begun >= self._opened:
            self._step += 1
            self._rest(retry_after)
        return False

    def answered(self, begun: float) -> bool:
        """A poll got an answer, whatever it said. True if that closed the breaker."""
        if self._opened is None:
            self._failures = 0
            return False
        if begun < self._opened:
            return False
        self._failures, self._step, self._opened, self._probing = 0, 0, None, False
        return True

    def _rest(self, retry_after: float | None) -> None:
        self._probing = False
        pause = schedule.full_jitter(self._step, SHORTEST, LONGEST, self._rng)
        self._retry = self._clock() + max(pause, min(retry_after or 0.0, schedule.RETRY_AFTER_CAP))


class SlowStart:
    """Holds polls back after an outage: evenly until `backlog` of them went, then faster and faster."""

    def __init__(self, backlog: int, now: float) -> None:
        self._left = backlog
        self._gentle = max(GENTLE, backlog / ALL_WITHIN)
        self._even_until = float("inf") if backlog > 0 else now
        self._tokens = 0.0
        self._at = now

    def rate(self, now: float) -> float:
        """Polls a second."""
        beyond = max(0.0, now - self._even_until)
        return self._gentle * math.exp2(min(beyond / DOUBLES, 20.0))

    def is_over(self, now: float) -> bool:
        return self.rate(now) >= FREE

    def capacity(self, now: float) -> int:
        """How many polls may be sent now."""
        rate = self.rate(now)
        self._tokens = min(max(BURST, rate / 20.0), self._tokens + (now - self._at) * rate)
        self._at = now
        return int(self._tokens)

    def sent(self, number: int) -> None:
        self._tokens -= number
        self._left -= number
        if self._left <= 0:
            self._even_until = min(self._even_until, self._at)
