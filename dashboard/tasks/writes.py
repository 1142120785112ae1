"""Every write of a task, in one shape: compare-and-set on its version, and one event, in one transaction.

Of two writers that read the same version one wins; the other's write changes no row, makes no event and is told so.
"""

from functools import partial
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils import timezone

from dashboard import failpoints, notify
from dashboard.database import before_commit, write_transaction
from dashboard.tasks.models import Task, TaskEvent

# PostgreSQL gives out event ids before the commit: without one lock a lower id may become visible after a higher
# one, and a reader that goes on from the highest it saw would skip it for ever.
EVENTS_LOCK = 7_301_114_001


def update_task(task: Task, kind: str, *, detail: str = "", lease: UUID | None = None, **fields: object) -> bool:
    """Sets `fields` if the task is still at the version that `task` was read at (and still leased by `lease`).

    On success `task` carries the new values and True is returned; otherwise nothing happened.
    """
    with write_transaction():
        rows = Task.objects.filter(pk=task.pk, version=task.version)  # guard: compare-and-set-on-version
        if lease is not None:
            rows = rows.leased(lease)
        if rows.update(version=F("version") + 1, **fields) != 1:
            return False
        for name, value in fields.items():
            setattr(task, name, value)
        task.version += 1
        record_events([event_of(task, kind, detail)])
    return True


def event_of(task: Task, kind: str, detail: str = "") -> TaskEvent:
    return TaskEvent(
        task_id=task.pk,
        owner_id=task.owner_id,
        version=task.version,
        kind=kind,
        status=task.status,
        condition=task.condition,
        detail=detail[:300],
        at=timezone.now(),
    )


def record_events(made: list[TaskEvent]) -> None:
    """Stores events at the end of the caller's transaction and rings once it has committed.

    At the end: whoever waited for a row's lock while holding the events' one would wait in a circle with somebody who
    holds the row and waits for the events.
    """
    before_commit(partial(_store_events, made))


def _store_events(made: list[TaskEvent]) -> None:
    failpoints.hit("inside_commit")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [EVENTS_LOCK])
    stored = TaskEvent.objects.bulk_create(made)
    notify.tasks_changed(event.pk for event in stored)
