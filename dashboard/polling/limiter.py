"""Limits how many polls a process may send. When the gateway is down: stop, probe, then start slowly. Pure.

    closed --- three failures in a row ---> open --- a probe succeeds ---> slow start ---> closed
                                            ^   |
                                            +---+ a probe fails: wait longer

All times are monotonic, in seconds.
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
# Recovery is noticed within this time. With the slow start below, 500 tasks are up to date again within a minute.
MAX_PAUSE: Final = 25.0
INITIAL_RATE: Final = 18.0  # polls per second at first
BACKLOG_WITHIN: Final = 30.0  # seconds in which the whole backlog is polled, at a higher rate if necessary
BURST: Final = 2.0
DOUBLING_TIME: Final = 2.0  # seconds in which the rate doubles, once the backlog has been polled
UNLIMITED_RATE: Final = 2_000.0  # polls per second at which the slow start ends
NEXT_TOKEN: Final = 0.05  # seconds between checks while the slow start holds polls back


class Breaker:
    """A circuit breaker. `clock`: monotonic seconds."""

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
        """Returns seconds until a poll may be sent: 0.0 for now, infinity while a probe is under way."""
        if self._opened is None:
            return 0.0
        return float("inf") if self._probing else max(0.0, self._retry - self._clock())

    def record_probe(self) -> None:
        self._probing = self.is_open

    def record_failure(self, begun: float, retry_after: float | None = None) -> bool:
        """Records a poll without a response. Returns whether that opened the breaker."""
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
        """Records a poll with a response of any kind. Returns whether that closed the breaker."""
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
    """Limits polls after an outage: a constant rate until `backlog` polls were sent, then exponential growth."""

    def __init__(self, backlog: int, now: float) -> None:
        self._left = backlog
        self._initial_rate = max(INITIAL_RATE, backlog / BACKLOG_WITHIN)
        self._even_until = float("inf") if backlog > 0 else now
        self._tokens = 0.0
        self._at = now

    def rate(self, now: float) -> float:
        """Returns polls per second."""
        beyond = max(0.0, now - self._even_until)
        return self._initial_rate * math.exp2(min(beyond / DOUBLING_TIME, 20.0))

    def is_over(self, now: float) -> bool:
        return self.rate(now) >= UNLIMITED_RATE

    def capacity(self, now: float) -> int:
        """Returns how many polls may be sent now."""
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
    """Allows `limit` polls at a time; single probes while the breaker is open; fewer in the slow start after an outage.

    `clock`: monotonic seconds. After an outage, `capacity` is 0 until `begin_slow_start` is called with the backlog.
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
        """Returns seconds until `capacity` may grow; infinity if it can only grow when a poll ends."""
        if self._breaker.is_open:
            return self._breaker.wait()
        return NEXT_TOKEN if self._slow_start else float("inf")

    def record_sent(self, count: int) -> None:
        if count and self._breaker.is_open:
            self._breaker.record_probe()
        elif self._slow_start:
            self._slow_start.record_sent(count)

    def record_result(self, poll: Poll, begun: float) -> bool:
        """Records the result of a poll sent at `begun`. Returns whether that opened the breaker."""
        if isinstance(poll.error, Unavailable):
            return self._breaker.record_failure(begun, poll.error.retry_after)
        if isinstance(poll.error, Misconfigured):
            return self._breaker.record_failure(begun)
        self.has_recovered = self._breaker.record_answer(begun) or self.has_recovered
        return False

    def begin_slow_start(self, backlog: int) -> None:
        """Starts sending polls again after an outage, with `backlog` tasks waiting."""
        self.has_recovered = False
        self._slow_start = SlowStart(backlog, self._clock())
