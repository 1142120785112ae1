"""Deletes old events now and then."""

from datetime import datetime, timedelta

from django.db import connection

from dashboard.database import write_transaction
from dashboard.polling import leases
from dashboard.tasks.models import TaskEvent, TaskEventQuerySet

EVERY = 3600.0  # seconds
PROGRESS_KEPT = timedelta(days=1)
ORPHANS_KEPT = timedelta(days=7)  # longer than any page stays open and asks what became of its rows
AT_ONCE = 2_000


def prune(now: datetime) -> int:
    """Returns how many events went."""
    leases.repair_schedule(now)
    gone = _delete(TaskEvent.objects.progress_before(now - PROGRESS_KEPT))
    gone += _delete(TaskEvent.objects.orphans(now - ORPHANS_KEPT))
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log never shrinks by itself
    return gone


def _delete(old: TaskEventQuerySet) -> int:
    """In pieces: a long transaction would keep every other writer waiting."""
    gone = 0
    while ids := [*old.values_list("pk", flat=True)[:AT_ONCE]]:
        with write_transaction():
            gone += TaskEvent.objects.filter(pk__in=ids).delete()[0]
    return gone
