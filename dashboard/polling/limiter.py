"""How many polls one process may send right now."""

import time
from collections.abc import Callable
from random import Random

from dashboard.polling.breaker import Breaker, SlowStart
from dashboard.polling.polls import Poll
from dashboard.upstream.errors import Misconfigured, Unavailable

NEXT_TOKEN = 0.05  # seconds between two looks while a slow start holds polls back


class PollLimiter:
    """Open, closed by the breaker except for single probes, or in a slow start.

    `clock`: monotonic seconds. After an outage `capacity` is 0 until `begin_slow_start`.
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
        """Seconds after which there may be room again; infinite when only an answer can make some."""
        if self._breaker.is_open:
            return self._breaker.wait()
        return NEXT_TOKEN if self._slow_start else float("inf")

    def record_sent(self, number: int) -> None:
        if number and self._breaker.is_open:
            self._breaker.sent()
        elif self._slow_start:
            self._slow_start.sent(number)

    def record_result(self, poll: Poll, begun: float) -> bool:
        """Takes note of how a poll sent at `begun` ended. True if that opened the breaker."""
        if isinstance(poll.error, Unavailable):
            return self._breaker.failed(begun, poll.error.retry_after)
        if isinstance(poll.error, Misconfigured):
            return self._breaker.failed(begun)
        self.has_recovered = self._breaker.answered(begun) or self.has_recovered
        return False

    def begin_slow_start(self, backlog: int) -> None:
        """The gateway answers again, and so many tasks have waited for it."""
        self.has_recovered = False
        self._slow_start = SlowStart(backlog, self._clock())
