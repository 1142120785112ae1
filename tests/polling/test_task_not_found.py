"""A task that the gateway does not know: first a replication delay, later a condition, never a failure."""

import pytest

from dashboard.tasks.models import Task
from tests.polling.rounds import Handler, answer, at, events_of, poll, refusal, seconds_to_next

NOT_FOUND = refusal(404, "Task not found")


def test_it_says_nothing_within_the_first_minute(alices_task: Task) -> None:
    now = at(alices_task, 55)
    poll(NOT_FOUND, now)
    assert seconds_to_next(alices_task, now) < 10
    assert (alices_task.condition, events_of(alices_task)) == ("", [(1, "created")])
    assert "not found" in alices_task.raw


def test_it_says_so_afterwards_and_asks_slowly(alices_task: Task) -> None:
    poll(NOT_FOUND, at(alices_task, 61))
    now = at(alices_task, 75)
    poll(NOT_FOUND, now)
    assert 270 <= seconds_to_next(alices_task, now) <= 300
    assert (alices_task.status, alices_task.condition) == ("queued", "not_found")
    assert events_of(alices_task) == [(1, "created"), (2, "condition")]


def test_it_looks_once_more_soon(alices_task: Task) -> None:
    now = at(alices_task, 61)
    poll(NOT_FOUND, now)
    assert seconds_to_next(alices_task, now) < 10


@pytest.mark.parametrize("handler", [answer("expired"), answer("deleted")])
def test_it_takes_expired_for_failed(alices_task: Task, handler: Handler) -> None:
    poll(handler, at(alices_task, 61))
    alices_task.refresh_from_db()
    assert (alices_task.status, alices_task.condition) == ("failed", "")
    assert alices_task.error_message in {"expired", "deleted"}


def test_it_gives_up_a_day_after_the_deadline(alices_task: Task) -> None:
    poll(NOT_FOUND, at(alices_task, 600 + 24 * 3600))
    alices_task.refresh_from_db()
    assert (alices_task.next_poll_at, alices_task.condition) == (None, "not_found")


def test_it_takes_a_task_that_turns_up(alices_task: Task) -> None:
    poll(NOT_FOUND, at(alices_task, 61))
    poll(answer("completed"), at(alices_task, 80))
    alices_task.refresh_from_db()
    assert (alices_task.status, alices_task.condition) == ("completed", "")


def test_it_leaves_a_finished_task_as_it_was(alices_task: Task) -> None:
    Task.objects.filter(pk=alices_task.pk).update(status="completed", raw="the last good answer")
    poll(NOT_FOUND, at(alices_task, 900))
    alices_task.refresh_from_db()
    assert (alices_task.status, alices_task.condition, alices_task.next_poll_at) == ("completed", "", None)
    assert alices_task.raw == "the last good answer"
