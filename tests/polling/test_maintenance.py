"""What is deleted every hour."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.polling import maintenance
from dashboard.polling.models import PollerHeartbeat, record_heartbeat
from dashboard.tasks.models import Task, TaskEvent

NOW = timezone.now()


def event(task: Task, version: int, kind: str, age: timedelta) -> TaskEvent:
    return TaskEvent.objects.create(
        task_id=task.pk, owner_id=task.owner_id, version=version, kind=kind, status="queued", at=NOW - age
    )


@pytest.mark.django_db(transaction=True)
def test_it_forgets_old_steps_and_keeps_what_happened(alices_task: Task) -> None:
    old = event(alices_task, 2, "progress", timedelta(hours=25))
    kept = [
        event(alices_task, 3, "progress", timedelta(hours=23)),
        event(alices_task, 4, "status", timedelta(days=30)),
        event(alices_task, 5, "progress", timedelta(days=3)),  # the newest event is kept, because cursors point to it
    ]
    assert maintenance.prune(NOW) == 1
    assert not TaskEvent.objects.filter(pk=old.pk).exists()
    assert TaskEvent.objects.filter(pk__in=[one.pk for one in kept]).count() == 3


@pytest.mark.django_db(transaction=True)
def test_it_forgets_deleted_tasks_after_a_week(alices_task: Task) -> None:
    for version, days in ((2, 8), (3, 6)):
        event(alices_task, version, "status", timedelta(days=days))
    Task.objects.all().delete()
    assert maintenance.prune(NOW) == 1


@pytest.mark.django_db(transaction=True)
def test_it_works_in_pieces(alices_task: Task) -> None:
    number = maintenance.PRUNE_BATCH + 5
    TaskEvent.objects.bulk_create(
        TaskEvent(task_id=alices_task.pk, owner_id=1, version=version, kind="progress", at=NOW - timedelta(days=2))
        for version in range(2, number + 3)
    )
    assert maintenance.prune(NOW) == number


@pytest.mark.django_db
def test_it_forgets_pollers_that_are_long_gone() -> None:
    record_heartbeat("gone", NOW - timedelta(days=2), polls=1, in_flight=0)
    record_heartbeat("here", NOW, polls=7, in_flight=2)
    record_heartbeat("here", NOW, polls=9, in_flight=0)
    assert [(one.name, one.polls) for one in PollerHeartbeat.objects.alive(NOW)] == [("here", 9)]
    assert PollerHeartbeat.objects.count() == 1
