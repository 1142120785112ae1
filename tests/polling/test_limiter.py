"""What happens while the gateway is down, and afterwards."""

from random import Random

import pytest
from django.utils import timezone

from dashboard.polling.limiter import Breaker, PollLimiter, SlowStart
from dashboard.polling.polls import Poll
from dashboard.tasks.models import Task
from dashboard.upstream.errors import InvalidResponse, Unavailable

CREATED = timezone.now()


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(Random(1), clock)


def opened(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        breaker.record_failure(clock.now)


def test_it_opens_at_the_third_failure_in_a_row(breaker: Breaker) -> None:
    assert [breaker.record_failure(100.0) for _ in range(4)] == [False, False, True, False]


def test_an_answer_in_between_starts_the_count_again(breaker: Breaker) -> None:
    breaker.record_failure(100.0)
    breaker.record_failure(100.0)
    breaker.record_answer(100.0)
    breaker.record_failure(100.0)
    assert not breaker.is_open


def test_it_lets_one_probe_through_at_a_time(breaker: Breaker, clock: Clock) -> None:
    opened(breaker, clock)
    assert 1 <= breaker.wait() <= 2
    clock.now += breaker.wait()
    assert breaker.wait() == 0
    breaker.record_probe()
    assert breaker.wait() == float("inf")


def test_it_waits_longer_after_each_failed_probe_but_not_for_ever(breaker: Breaker, clock: Clock) -> None:
    opened(breaker, clock)
    waits = []
    for _ in range(200):
        clock.now += breaker.wait()
        breaker.record_probe()
        breaker.record_failure(clock.now)
        waits.append(breaker.wait())
    assert max(waits) > 20
    assert all(1 <= wait <= 25 for wait in waits)


def test_it_does_not_count_what_was_sent_before_it_opened(breaker: Breaker, clock: Clock) -> None:
    opened(breaker, clock)
    clock.now += 1
    breaker.record_answer(99.0)
    assert breaker.is_open


def test_it_waits_as_long_as_the_gateway_wants(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        breaker.record_failure(clock.now, retry_after=120)
    assert breaker.wait() == 120


def test_a_slow_start_is_even_until_everything_was_asked_for() -> None:
    slow_start = SlowStart(500, 0.0)
    slow_start.capacity(40.0)  # not all tasks were due at once
    slow_start.record_sent(499)
    assert (slow_start.rate(0.0), slow_start.rate(40.0)) == (18, 18)
    slow_start.record_sent(1)
    assert slow_start.rate(45.0) > 18 * 3
    assert slow_start.is_over(60.0)


def test_a_slow_start_over_many_tasks_takes_no_longer() -> None:
    slow_start = SlowStart(9_000, 0.0)
    assert slow_start.rate(0.0) == 300
    slow_start.record_sent(9_000)
    assert slow_start.is_over(10.0)


def test_a_slow_start_over_nothing_is_soon_over() -> None:
    assert SlowStart(0, 0.0).is_over(20.0)


def test_any_answer_shows_that_the_gateway_is_there(clock: Clock) -> None:
    gate = PollLimiter(10, Random(1), clock)
    for _ in range(2):
        gate.record_result(Poll(Task(), CREATED, error=Unavailable("503")), clock.now)
    gate.record_result(Poll(Task(), CREATED, error=InvalidResponse("?")), clock.now)
    assert not gate.record_result(Poll(Task(), CREATED, error=Unavailable("503")), clock.now)
    assert gate.capacity(3) == 7


class Outage:
    """Simulates 500 tasks, a limiter, and a gateway that is down for ten minutes, in steps of 10 ms."""

    def __init__(self, seed: int) -> None:
        self.clock = Clock()
        self.gate = PollLimiter(256, Random(seed), self.clock)
        self.due = [100.0 + number * 0.01 for number in range(500)]
        self.sent: list[float] = []
        self.fresh: dict[int, float] = {}
        self.back = 700.0

    def run(self, seconds: float) -> None:
        for _ in range(int(seconds * 100)):
            self.clock.now += 0.01
            self._step()

    def _step(self) -> None:
        now = self.clock.now
        if self.gate.has_recovered:
            self.gate.begin_slow_start(len(self.due))
        room = self.gate.capacity(0)
        waiting = sorted((at, number) for number, at in enumerate(self.due) if at <= now) if room else []
        for _, number in waiting[:room]:
            self.gate.record_sent(1)
            self.sent.append(now)
            is_back = now >= self.back
            self.gate.record_result(Poll(Task(), CREATED, error=None if is_back else Unavailable("503")), now)
            self.due[number] = now + 5.0
            if is_back:
                self.fresh.setdefault(number, now)
            if self.gate.has_recovered:
                return


@pytest.mark.parametrize("seed", range(3))
def test_it_is_gentle_to_a_gateway_that_is_gone_and_that_comes_back(seed: int) -> None:
    outage = Outage(seed)
    outage.run(660)
    during = [at for at in outage.sent if at < outage.back]
    after = [at for at in outage.sent if outage.back <= at <= max(outage.fresh.values())]
    assert len(during) <= 600
    assert len(outage.fresh) == 500
    assert max(outage.fresh.values()) <= outage.back + 60
    assert max(sum(1 for at in after if start <= at < start + 1) for start in after) <= 20
