"""A rate-limited key pauses with all its tasks, and nothing else does."""

from datetime import timedelta

import pytest

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.tasks.models import Task
from tests.polling.rounds import answer, asked, at, poll, refusal, seconds_to_next, written_back
from tests.support.cast import make_task


def rest_of(key: ApiKey) -> float:
    key.refresh_from_db()
    assert key.backoff_until is not None
    return key.backoff_until.timestamp()


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("30", 30, 33), ("31536000", 900, 990), ("soon", 5, 10), ("-5", 1, 10), ("0", 1, 10), ("", 5, 10)],
)
def test_it_rests_as_long_as_it_is_told(
    alices_task: Task, alices_key: ApiKey, header: str, least: float, most: float
) -> None:
    now = at(alices_task, 1)
    poll(refusal(429, retry_after=header) if header else refusal(429), now)
    assert least <= rest_of(alices_key) - now.timestamp() <= most
    assert least <= seconds_to_next(alices_task, now)
    assert alices_task.condition == ""


def test_it_asks_nothing_before_then(alice: User, alices_key: ApiKey) -> None:
    tasks = [make_task(alice, alices_key) for _ in range(5)]
    now = at(tasks[0], 1)
    written_back(asked(refusal(429, retry_after="30"), now)[:1], now)
    sent = [second for second in range(60) for _ in poll(answer(), now + timedelta(seconds=second))]
    assert min(sent) >= 30


def test_it_comes_back_one_by_one(alice: User, alices_key: ApiKey) -> None:
    tasks = [make_task(alice, alices_key, next_poll_at=None) for _ in range(30)]
    now = at(tasks[0], 1)
    Task.objects.filter(pk=tasks[0].pk).update(next_poll_at=now)
    polls = asked(refusal(429, retry_after="30"), now)
    Task.objects.exclude(pk=tasks[0].pk).update(next_poll_at=now)
    written_back(polls, now)
    times = {*Task.objects.values_list("next_poll_at", flat=True)}
    assert len(times) == 30


def test_it_rests_longer_each_time(alices_task: Task, alices_key: ApiKey) -> None:
    now = at(alices_task, 1)
    for _ in range(8):
        poll(refusal(429), now)
        now += timedelta(seconds=400)
    alices_key.refresh_from_db()
    assert alices_key.backoff_step == 8
    poll(answer(), now)
    alices_key.refresh_from_db()
    assert (alices_key.backoff_step, alices_key.backoff_until) == (0, None)


def test_it_counts_answers_to_requests_of_one_moment_once(alice: User, alices_key: ApiKey) -> None:
    tasks = [make_task(alice, alices_key) for _ in range(6)]
    now = at(tasks[0], 1)
    for one in asked(refusal(429), now):
        written_back([one], now)
    alices_key.refresh_from_db()
    assert alices_key.backoff_step == 1


def test_it_leaves_other_keys_alone(alices_task: Task, bob: User, bobs_key: ApiKey) -> None:
    now = at(alices_task, 1)
    poll(refusal(429, retry_after="60"), now)
    bobs = make_task(bob, bobs_key)
    assert len(poll(answer(), at(bobs, 1))) == 1
