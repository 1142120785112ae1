"""No answer, or an invalid one: the task stays unchanged, and is polled again at increasing intervals."""

import json
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.polling import key_effects
from dashboard.polling.polls import Poll
from dashboard.tasks.models import Task, TaskEvent
from tests.polling.rounds import answer, asked, at, events_of, poll, refusal, seconds_to_next, written_back
from tests.support.cast import make_task


def text(content: bytes, kind: str = "application/json", status: int = 200) -> Callable[..., httpx.Response]:
    return lambda request: httpx.Response(status, content=content, headers={"content-type": kind})


def no_connection(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


SENSELESS = {
    "truncated": text(b'{"task_id": "x", "sta'),
    "list": text(b"[]"),
    "empty": text(b"", status=202),
    "other task": text(b'{"task_id": "another", "status": "completed"}'),
}


@pytest.mark.parametrize("name", SENSELESS)
def test_it_believes_nothing_that_makes_no_sense(alices_task: Task, name: str) -> None:
    now = at(alices_task, 1)
    poll(SENSELESS[name], now)
    assert 2 <= seconds_to_next(alices_task, now) <= 60
    assert (alices_task.status, alices_task.failures, alices_task.lease_token) == ("queued", 1, None)


def test_it_keeps_the_senseless_answer_for_the_page(alices_task: Task) -> None:
    poll(SENSELESS["truncated"], at(alices_task, 1))
    alices_task.refresh_from_db()
    assert (alices_task.raw, alices_task.raw_http_status) == ('{"task_id": "x", "sta', 200)
    assert events_of(alices_task) == [(1, "created")]


def test_it_checks_slowly_what_makes_no_sense_again_and_again(alices_task: Task) -> None:
    now = at(alices_task, 1)
    for _ in range(5):
        poll(SENSELESS["list"], now)
        alices_task.refresh_from_db()
        last, now = now, alices_task.next_poll_at or now
    assert 270 <= (now - last).total_seconds() <= 300


REFUSED = json.dumps({"code": "invalid", "error": "Generated video rejected by content moderation."}).encode()
SILENT = {
    "no state": (text('{"code": 10004, "data": {}, "msg": "任务不存在", "success": true}'.encode()), "任务不存在"),
    "refused": (text(REFUSED, status=400), "Generated video rejected by content moderation."),
    "out of balance": (text('{"error": {"message": "余额不足"}}'.encode(), status=403), "余额不足"),
}


@pytest.mark.parametrize("name", SILENT)
def test_it_says_so_in_the_gateways_words(alices_task: Task, alices_key: ApiKey, name: str) -> None:
    handler, words = SILENT[name]
    for second, expected in ((1, ""), (70, "silent"), (140, "silent"), (700, "overdue")):
        poll(handler, at(alices_task, second))
        alices_task.refresh_from_db()
        assert (alices_task.status, alices_task.condition) == ("queued", expected)
    assert TaskEvent.objects.filter(condition="silent").get().detail == words
    assert (alices_task.polled_at, words in alices_task.raw) == (None, True)
    alices_key.refresh_from_db()
    assert alices_key.state == "untested"
    poll(answer("in_progress"), at(alices_task, 1100))
    alices_task.refresh_from_db()
    alices_task.refresh_from_db()
    assert (alices_task.status, alices_task.condition) == ("in_progress", "overdue")


def test_it_keeps_an_eye_on_it_for_ever(alices_task: Task) -> None:
    now = at(alices_task, 600) + timedelta(days=3)
    Task.objects.filter(pk=alices_task.pk).update(failures=9)
    poll(SENSELESS["list"], now)
    assert seconds_to_next(alices_task, now) == 3600


def test_it_forgets_failures_at_an_answer(alices_task: Task) -> None:
    poll(SENSELESS["list"], at(alices_task, 1))
    poll(answer(), at(alices_task, 70))
    alices_task.refresh_from_db()
    assert alices_task.failures == 0


@pytest.mark.parametrize(
    ("handler", "condition"),
    [
        (refusal(500), "unreachable"),
        (no_connection, "unreachable"),
        (text(b"<html>", "text/html"), "misconfigured"),
    ],
)
def test_it_says_what_is_wrong_after_three_losses(
    alices_task: Task, handler: Callable[..., httpx.Response], condition: str
) -> None:
    for second, expected in ((1, ""), (100, ""), (200, condition), (300, condition)):
        poll(handler, at(alices_task, second))
        alices_task.refresh_from_db()
        assert (alices_task.status, alices_task.condition) == ("queued", expected)
    poll(answer("in_progress"), at(alices_task, 400))
    alices_task.refresh_from_db()
    assert alices_task.condition == ""
    assert [kind for _, kind in events_of(alices_task)] == ["created", "condition", "status"]


def test_it_never_gives_up_on_a_gateway_that_is_gone(alices_task: Task) -> None:
    now = at(alices_task, 600) + timedelta(days=3)
    poll(no_connection, now)
    assert 270 <= seconds_to_next(alices_task, now) <= 300


def test_it_keeps_the_last_answer_when_none_comes(alices_task: Task) -> None:
    poll(answer("in_progress"), at(alices_task, 1))
    poll(no_connection, at(alices_task, 10))
    alices_task.refresh_from_db()
    assert '"in_progress"' in alices_task.raw


def test_it_writes_the_others_when_one_cannot_be_written(alice: User, alices_key: ApiKey) -> None:
    good, bad = make_task(alice, alices_key), make_task(alice, alices_key)
    now = at(bad, 1)
    polls = asked(answer("completed"), now)
    # A poll with neither an answer nor an error is impossible, and represents any bug of our own.
    broken = [Poll(poll.task, poll.begun_at) if poll.task.pk == bad.pk else poll for poll in polls]
    assert written_back(broken, now).changed == 1
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.status, bad.status, bad.failures, bad.lease_token) == ("completed", "queued", 1, None)


def test_it_asks_for_a_refresh_once_even_if_that_fails(alices_task: Task) -> None:
    Task.objects.filter(pk=alices_task.pk).update(status="failed")
    poll(refusal(503), at(alices_task, 9))
    alices_task.refresh_from_db()
    assert (alices_task.status, alices_task.next_poll_at, alices_task.condition) == ("failed", None, "")


def test_a_batch_is_written_as_a_whole(alice: User, alices_key: ApiKey) -> None:
    tasks = [make_task(alice, alices_key, status="in_progress", raw_status="in_progress") for _ in range(30)]
    now = at(tasks[-1], 1)
    stats = written_back(asked(answer(), now), now)
    assert (stats.unchanged, stats.changed, stats.dropped) == (30, 0, 0)
    assert stats.next_at is not None
    assert timedelta(seconds=30) > key_effects.CONFIRMED_BY


@pytest.mark.django_db(transaction=True)
def test_thirty_unchanged_tasks_take_no_more_queries_than_one(alice: User, alices_key: ApiKey) -> None:
    now, counts = timezone.now(), []
    for number in (1, 29):
        for _ in range(number):
            make_task(alice, alices_key, status="in_progress", raw_status="in_progress", created_at=now)
        for _ in range(2):  # the first answer changes the key's state
            now += timedelta(seconds=12)
            polls = asked(answer(), now)
            with CaptureQueriesContext(connection) as queries:
                written_back(polls, now)
        counts.append(len(queries))
    assert counts[0] == counts[1]
