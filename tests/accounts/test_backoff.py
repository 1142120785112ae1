"""The durations of the waits."""

import pytest

from dashboard.accounts import backoff
from dashboard.accounts.backoff import Count, Policy
from dashboard.accounts.throttle import ACCOUNT, ADDRESS

POLICY = Policy(free=3, first=5, longest=60, forget_every=100)


@pytest.mark.parametrize(
    ("failures", "wait"),
    [(0, 0), (2, 0), (2.4, 0), (3, 5), (3.4, 5), (4, 10), (5, 20), (6, 40), (7, 60), (8, 60), (1e300, 60)],
)
def test_the_wait_doubles_up_to_a_limit(failures: float, wait: float) -> None:
    assert backoff.wait_after(failures, POLICY) == wait


@pytest.mark.parametrize(("now", "left"), [(1_000, 10), (1_004, 6), (1_009.5, 0.5), (1_010, 0), (5_000, 0), (990, 10)])
def test_what_is_left_of_it_passes(now: float, left: float) -> None:
    assert backoff.remaining(Count(4, 1_000), POLICY, now) == left


@pytest.mark.parametrize(
    ("before", "now", "after"),
    [
        (Count(), 1_000, Count(1, 1_000)),
        (Count(2, 1_000), 1_000, Count(3, 1_000)),
        (Count(2, 1_000), 1_050, Count(2.5, 1_050)),
        (Count(2, 1_000), 9_000, Count(1, 9_000)),
        (Count(7, 1_000), 1_000, Count(7, 1_000)),
    ],
)
def test_failures_are_forgotten_one_by_one(before: Count, now: float, after: Count) -> None:
    assert backoff.failed(before, POLICY, now) == after


@pytest.mark.parametrize(("policy", "wait"), [(ACCOUNT, 900), (ADDRESS, 60)])
def test_whoever_tries_on_comes_to_the_longest_wait_and_stays_there(policy: Policy, wait: float) -> None:
    count, now = Count(), 0.0
    for _ in range(100):
        now += backoff.remaining(count, policy, now)
        count = backoff.failed(count, policy, now)
    assert backoff.remaining(count, policy, now) == wait


def test_nothing_is_left_after_its_lifetime() -> None:
    count = Count(5, 1_000)
    assert backoff.failed(count, POLICY, 1_000 + backoff.lifetime(count, POLICY)).failures == 1
