"""The arithmetic of the schedule."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from dashboard.polling import schedule
from dashboard.polling.schedule import PollConfig

CREATED = datetime(2026, 1, 1, tzinfo=UTC)
ages = st.floats(min_value=0, max_value=100_000)
everies = st.floats(min_value=0.05, max_value=250)
seeds = st.integers(0, 1_000)


def next_poll(age: float, every: float, deadline: float, seed: int) -> float | None:
    """Returns the seconds from now."""
    now = CREATED + timedelta(seconds=age)
    plan = PollConfig(every, deadline)
    found = schedule.next_poll(CREATED, CREATED + timedelta(seconds=deadline), now, plan, Random(seed))
    return (found - now).total_seconds() if found else None


@given(ages, everies, st.floats(min_value=1, max_value=10_000), seeds)
def test_it_never_waits_longer_than_promised(age: float, every: float, deadline: float, seed: int) -> None:
    wait = next_poll(age, every, deadline, seed)
    if age >= deadline + 24 * 3600:
        assert wait is None
    elif age >= deadline:
        assert wait is not None
        assert 270 <= wait <= 300
    else:
        assert wait is not None
        assert 0.899 * every <= wait <= 2 * every + 1e-6


@given(ages, ages, everies)
def test_it_slows_down_and_never_up_as_a_task_ages(one: float, other: float, every: float) -> None:
    younger, older = sorted((one, other))
    assert schedule.interval(younger, every, 600) <= schedule.interval(older, every, 600)


def test_it_starts_at_one_interval_and_ends_at_two() -> None:
    assert (schedule.interval(0, 5, 600), schedule.interval(600, 5, 600)) == (5, 10)


@given(st.integers(0, 10_000), st.floats(0.1, 10), st.floats(10, 900), seeds)
def test_full_jitter_stays_within_its_bounds(step: int, shortest: float, longest: float, seed: int) -> None:
    assert shortest <= schedule.full_jitter(step, shortest, longest, Random(seed)) <= longest


def test_full_jitter_uses_the_whole_range() -> None:
    rng = Random(7)
    drawn = [schedule.full_jitter(20, 5, 300, rng) for _ in range(2_000)]
    assert min(drawn) < 10
    assert max(drawn) > 295


@given(st.floats(min_value=-(10.0**9), max_value=10.0**9), seeds)
def test_a_wish_of_the_gateway_is_capped(retry_after: float, seed: int) -> None:
    assert 1 <= schedule.rate_limit_pause(1, retry_after, Random(seed)) <= 990


@given(st.floats(1, 900), seeds)
def test_a_wish_of_the_gateway_is_never_undercut(retry_after: float, seed: int) -> None:
    assert retry_after <= schedule.rate_limit_pause(1, retry_after, Random(seed)) <= retry_after * 1.1


def test_a_model_may_take_longer() -> None:
    plan = PollConfig(5, 600, {"slow-model": 3600})
    assert (plan.deadline_of("slow-model"), plan.deadline_of("other")) == (3600, 600)
