"""The only function that writes tasks."""

import uuid

import pytest

from dashboard.tasks import states, writes
from dashboard.tasks.models import Task, TaskEvent


def test_of_two_writers_one_wins(alices_task: Task) -> None:
    twin = Task.objects.get()
    assert writes.update_task(alices_task, "status", status="in_progress")
    assert not writes.update_task(twin, "status", status="completed")
    assert Task.objects.get().status == "in_progress"


def test_each_version_has_one_event(alices_task: Task) -> None:
    writes.update_task(alices_task, "status", status="in_progress")
    writes.update_task(alices_task, "status", status="completed")
    events = TaskEvent.objects.of_task(alices_task.pk)
    assert [(event.version, event.status) for event in events] == [
        (1, "queued"),
        (2, "in_progress"),
        (3, "completed"),
    ]


def test_a_write_without_the_lease_is_refused(alices_task: Task) -> None:
    Task.objects.update(lease_token=uuid.uuid4())
    assert not writes.update_task(alices_task, "status", lease=uuid.uuid4(), status="completed")
    assert TaskEvent.objects.count() == 1


@pytest.mark.parametrize("old", states.TERMINAL)
@pytest.mark.parametrize("new", states.STATUSES)
def test_nothing_leaves_a_terminal_state(old: str, new: str) -> None:
    assert not states.may_move(old, new)


def test_an_active_task_may_end() -> None:
    assert all(states.may_move(old, new) for old in states.ACTIVE for new in states.TERMINAL)
