"""How many polls one process may send right now. When the gateway is out of order: stop, probe, start slowly. Pure.

    closed --- three failures in a row ---> open --- a probe is answered ---> slow start ---> closed
                                            ^   |
                                            +---+ a probe fails: wait longer

Every time here is monotonic, in seconds.
"""

import math
import time
from collections.abc import Callable
from random import Random
from typing import Final

from dashboard.polling import schedule
from dashboard.polling.polls import Poll
from dashboard.upstream.errors import Misconfigured, Unavailable

FAILURES_UNTIL_OPEN: Final = 3
MIN_PAUSE: Final = 1.0  # seconds
# Recovery is noticed after at most this long; with the slow start below, 500 tasks are fresh again within a minute.
MAX_PAUSE: Final = 25.0
INITIAL_RATE: Final = 18.0  # polls a second at first
BACKLOG_WITHIN: Final = 30.0  # seconds in which the whole backlog is polled, at a higher rate if need be
BURST: Final = 2.0
DOUBLING_TIME: Final = 2.0  # seconds in which the rate doubles, once the backlog has been polled
UNLIMITED_RATE: Final = 2_000.0  # polls a second from which on nothing is held back
NEXT_TOKEN: Final = 0.05  # seconds between two looks while the slow start holds polls back


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

    def record_probe(self) -> None:
        self._probing = self.is_open

    def record_failure(self, begun: float, retry_after: float | None = None) -> bool:
        """A poll got no answer. True if that opened the breaker."""
        if self._opened is None:
            self._failures += 1
            if self._failures < FAILURES_UNTIL_OPEN:
                return False
            self._opened = self._clock()
            self._rest(retry_after)
            return True
        if begun >= self._opened:
            self._step += 1
            self._rest(retry_after)
        return False

    def record_answer(self, begun: float) -> bool:
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
        pause = schedule.full_jitter(self._step, MIN_PAUSE, MAX_PAUSE, self._rng)
        self._retry = self._clock() + max(pause, min(retry_after or 0.0, schedule.RETRY_AFTER_CAP))


class SlowStart:
    """Limits polls after an outage: a steady rate until `backlog` of them were sent, then an exponential one."""

    def __init__(self, backlog: int, now: float) -> None:
        self._left = backlog
        self._initial_rate = max(INITIAL_RATE, backlog / BACKLOG_WITHIN)
        self._even_until = float("inf") if backlog > 0 else now
        self._tokens = 0.0
        self._at = now

    def rate(self, now: float) -> float:
        """Polls a second."""
        beyond = max(0.0, now - self._even_until)
        return self._initial_rate * math.exp2(min(beyond / DOUBLING_TIME, 20.0))

    def is_over(self, now: float) -> bool:
        return self.rate(now) >= UNLIMITED_RATE

    def capacity(self, now: float) -> int:
        """How many polls may be sent now."""
        rate = self.rate(now)
        self._tokens = min(max(BURST, rate / 20.0), self._tokens + (now - self._at) * rate)
        self._at = now
        return int(self._tokens)

    def record_sent(self, count: int) -> None:
        self._tokens -= count
        self._left -= count
        if self._left <= 0:
            self._even_until = min(self._even_until, self._at)


class PollLimiter:
    """Unlimited but for `limit`, stopped by the breaker except for single probes, or in slow start after an outage.

    `clock`: monotonic seconds. After an outage `capacity` is 0 until `begin_slow_start` is called with the backlog.
    """

    def __init__(self, limit: int, rng: Random, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._breaker = Breaker(rng, clock)
        self._slow_start: SlowStart | None = None
        self.has_recovered = False

    def capacity(self, in_flight: int) -> int:
        free = max(0, self._limit - in_flight)
        if self._breaker.is_open:
            return min(free, 1) if self._breaker.wait() == 0.0 else 0
        if self.has_recovered:
            return 0
        if self._slow_start is None or self._slow_start.is_over(self._clock()):
            self._slow_start = None
            return free
        return min(free, self._slow_start.capacity(self._clock()))

    def wait(self) -> float:
        """Seconds until `capacity` may grow; infinite if only an answer can make it grow."""
        if self._breaker.is_open:
            return self._breaker.wait()
        return NEXT_TOKEN if self._slow_start else float("inf")

    def record_sent(self, count: int) -> None:
        if count and self._breaker.is_open:
            self._breaker.record_probe()
        elif self._slow_start:
            self._slow_start.record_sent(count)

    def record_result(self, poll: Poll, begun: float) -> bool:
        """Counts how a poll sent at `begun` ended. True if that opened the breaker."""
        if isinstance(poll.error, Unavailable):
            return self._breaker.record_failure(begun, poll.error.retry_after)
        if isinstance(poll.error, Misconfigured):
            return self._breaker.record_failure(begun)
        self.has_recovered = self._breaker.record_answer(begun) or self.has_recovered
        return False

    def begin_slow_start(self, backlog: int) -> None:
        """The gateway answers again; `backlog` tasks have waited for it."""
        self.has_recovered = False
        self._slow_start = SlowStart(backlog, self._clock())
