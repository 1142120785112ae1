"""A key that the gateway refuses: confirmed by a second refusal, reported once, and resumed when it works."""

from datetime import timedelta

import httpx
import pytest

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.polling import leases
from dashboard.tasks import suspension
from dashboard.tasks.models import Task
from tests.polling.rounds import (
    Handler,
    answer,
    asked,
    at,
    events_of,
    poll,
    refusal,
    seconds_to_next,
    task_id,
    written_back,
)
from tests.support.cast import make_task


def only_for(*ids: str) -> Handler:
    """A gateway where all other tasks belong to someone else."""
    fine, foreign = answer(), refusal(403, "Not your task")
    return lambda request: fine(request) if task_id(request) in ids else foreign(request)


def test_it_waits_before_it_believes_a_refusal(alices_task: Task, alices_key: ApiKey) -> None:
    now = at(alices_task, 1)
    poll(refusal(), now)
    alices_key.refresh_from_db()
    assert (alices_key.state, alices_key.refused_first_at) == ("untested", now)
    assert alices_key.backoff_until == now + timedelta(seconds=5)
    assert seconds_to_next(alices_task, now) == 5
    assert alices_task.condition == ""


def test_it_believes_the_second_refusal_and_suspends_every_task(alice: User, alices_key: ApiKey) -> None:
    tasks = [make_task(alice, alices_key) for _ in range(4)]
    now = at(tasks[0], 1)
    polls = asked(refusal(), now)
    written_back(polls[:1], now)
    written_back(polls[1:], now)  # sent before the first refusal was received: not a second one
    alices_key.refresh_from_db()
    assert alices_key.state == "untested"
    poll(refusal(), now + timedelta(seconds=25, milliseconds=1))
    alices_key.refresh_from_db()
    assert alices_key.state == "refused"
    for task in tasks:
        task.refresh_from_db()
        assert (task.condition, task.next_poll_at, task.lease_token) == ("key_refused", None, None)
        assert events_of(task) == [(1, "created"), (2, "condition")]


def test_it_asks_twice_and_no_more(alice: User, alices_key: ApiKey) -> None:
    first = make_task(alice, alices_key)
    for _ in range(5):
        make_task(alice, alices_key, next_poll_at=at(first, 2))
    requests = 0
    for tick in range(900):
        requests += len(poll(refusal(), at(first, 1 + tick)))
    assert requests == 2


def test_it_clears_a_refusal_when_the_key_works_after_it(alices_task: Task, alices_key: ApiKey) -> None:
    poll(refusal(), at(alices_task, 1))
    poll(answer(), at(alices_task, 7))
    alices_key.refresh_from_db()
    assert (alices_key.state, alices_key.refused_first_at, alices_key.backoff_until) == ("works", None, None)
    poll(refusal(), at(alices_task, 14))
    alices_key.refresh_from_db()
    assert alices_key.state == "works"


def test_it_does_not_take_an_earlier_request_for_a_sign_of_life(alice: User, alices_key: ApiKey) -> None:
    tasks = [make_task(alice, alices_key) for _ in range(2)]
    now = at(tasks[0], 1)
    mixed = only_for(tasks[1].upstream_id)
    polls = sorted(asked(mixed, now), key=lambda poll: poll.reply is not None)
    for one in polls:
        written_back([one], now + timedelta(seconds=1))
    alices_key.refresh_from_db()
    assert alices_key.refused_first_at is not None


def test_it_goes_on_with_all_tasks_when_another_one_still_works(alice: User, alices_key: ApiKey) -> None:
    foreign, mine = make_task(alice, alices_key), make_task(alice, alices_key)
    start = at(mine, 1)
    for second in range(40):
        poll(only_for(mine.upstream_id), start + timedelta(seconds=second))
    foreign.refresh_from_db()
    mine.refresh_from_db()
    alices_key.refresh_from_db()
    assert (alices_key.state, mine.condition, mine.status) == ("works", "", "in_progress")
    assert (foreign.condition, foreign.refusals) == ("key_refused", 2)
    assert seconds_to_next(foreign, start) > 250


def test_it_asks_for_a_foreign_task_slowly_and_takes_it_when_it_is_ours(alice: User, alices_key: ApiKey) -> None:
    task = make_task(alice, alices_key, refusals=2, condition="key_refused", polls=3)
    ApiKey.objects.filter(pk=alices_key.pk).update(state="works")
    now = at(task, 100)
    poll(only_for(), now)
    assert 270 <= seconds_to_next(task, now) <= 300
    poll(answer(), now + timedelta(seconds=301))
    task.refresh_from_db()
    assert (task.condition, task.refusals) == ("", 0)


def test_it_believes_403_about_a_key_that_worked_for_the_same_tasks(alice: User, alices_key: ApiKey) -> None:
    first, second = make_task(alice, alices_key), make_task(alice, alices_key)
    poll(answer(), at(second, 1))
    requests = 0
    for tick in range(60):
        requests += len(poll(refusal(403), at(second, 7 + tick)))
    alices_key.refresh_from_db()
    first.refresh_from_db()
    assert (alices_key.state, first.condition) == ("refused", "key_refused")
    assert requests <= 3


def test_it_takes_tasks_up_again_when_the_key_was_replaced(alices_task: Task, alices_key: ApiKey) -> None:
    poll(refusal(), at(alices_task, 1))
    poll(refusal(), at(alices_task, 7))
    ApiKey.objects.filter(pk=alices_key.pk).update(state="untested", refused_first_at=None, backoff_until=None)
    now = at(alices_task, 100)
    assert suspension.reconcile_with_keys(now) == 1
    assert seconds_to_next(alices_task, now) == 0
    assert (alices_task.condition, events_of(alices_task)[-1]) == ("", (3, "condition"))


@pytest.mark.parametrize(
    ("fields", "condition"), [({"state": "refused"}, "key_refused"), ({"revoked_at": "now"}, "no_key")]
)
def test_it_suspends_tasks_whose_key_somebody_found_useless(
    alices_task: Task, alices_key: ApiKey, fields: dict[str, object], condition: str
) -> None:
    now = at(alices_task, 9)
    given = {name: now if value == "now" else value for name, value in fields.items()}
    ApiKey.objects.filter(pk=alices_key.pk).update(**given)
    assert (suspension.reconcile_with_keys(now), suspension.reconcile_with_keys(now)) == (1, 0)
    alices_task.refresh_from_db()
    assert (alices_task.condition, alices_task.next_poll_at) == (condition, None)


def test_it_says_that_a_refused_key_was_revoked(alices_task: Task, alices_key: ApiKey) -> None:
    now = at(alices_task, 9)
    ApiKey.objects.filter(pk=alices_key.pk).update(state="refused")
    suspension.reconcile_with_keys(now)
    ApiKey.objects.filter(pk=alices_key.pk).update(revoked_at=now)
    suspension.reconcile_with_keys(now)
    alices_task.refresh_from_db()
    assert alices_task.condition == "no_key"


def test_it_suspends_a_task_whose_key_vanished_while_it_was_claimed(alices_task: Task, alices_key: ApiKey) -> None:
    now = at(alices_task, 1)
    Task.objects.filter(pk=alices_task.pk).update(key=None)
    poll(answer(), now)
    alices_task.refresh_from_db()
    assert (alices_task.condition, alices_task.next_poll_at) == ("no_key", None)


def test_it_does_not_write_what_a_suspended_task_still_answers(alices_task: Task, alices_key: ApiKey) -> None:
    now = at(alices_task, 1)
    polls = asked(answer("completed"), now)
    suspension.suspend(alices_key, "no_key", now)
    assert written_back(polls, now).dropped == 1
    assert leases.claim(10, now) == []


def test_it_ignores_a_refusal_of_the_secret_before_this_one(alices_task: Task, alices_key: ApiKey) -> None:
    now = at(alices_task, 1)
    polls = asked(refusal(), now)
    ApiKey.objects.filter(pk=alices_key.pk).update(state="works", state_since=now + timedelta(seconds=1))
    written_back(polls, now + timedelta(seconds=2))
    alices_key.refresh_from_db()
    assert (alices_key.state, alices_key.refused_first_at) == ("works", None)


def test_it_sends_nothing_with_a_rested_key(alices_task: Task) -> None:
    asked_for: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked_for.append(task_id(request))
        return refusal()(request)

    poll(handler, at(alices_task, 1))
    poll(handler, at(alices_task, 5))
    assert len(asked_for) == 1
