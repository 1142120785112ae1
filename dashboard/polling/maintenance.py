"""The poller's periodic jobs, in addition to polling."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone

from dashboard.database import write_transaction
from dashboard.keys import actions as key_actions
from dashboard.polling import leases, models
from dashboard.tasks import actions, submission
from dashboard.tasks.models import TaskEvent, TaskEventQuerySet
from dashboard.threads import ThreadPool

INTERVAL = 5.0  # seconds
# Seals of an earlier version are renewed this long after the start: servers of that version can't open the new ones,
# and during a rolling upgrade they run alongside this process for a while.
RENEW_SEALS_AFTER = 600.0  # seconds
SEALS = "seals"  # in a poller's metrics: it can open seals that are bound to the owner
FIRST_PRUNE_AFTER = 30.0  # seconds after the start, which has more urgent work
PRUNE_EVERY = 3600.0  # seconds
PROGRESS_RETENTION = timedelta(days=1)
ORPHAN_RETENTION = timedelta(days=7)  # longer than any page stays open and asks for changes to its rows
PRUNE_BATCH = 2_000  # events in one transaction

logger = logging.getLogger(__name__)


class Maintenance:
    def __init__(self) -> None:
        self._threads = ThreadPool("poller-maintenance", releases_connections=True)

    async def run(self) -> None:
        """Runs until canceled."""
        loop = asyncio.get_running_loop()
        prune_at, renew_at = loop.time() + FIRST_PRUNE_AFTER, loop.time() + RENEW_SEALS_AFTER
        try:
            while True:
                await self._try(submission.mark_interrupted)
                if loop.time() >= prune_at:
                    prune_at = loop.time() + PRUNE_EVERY
                    await self._try(lambda: prune(timezone.now()))
                if loop.time() >= renew_at:
                    renew_at = loop.time() + RENEW_SEALS_AFTER
                    await self._try(lambda: renew_seals(timezone.now()))
                await asyncio.sleep(INTERVAL)
        finally:
            self._threads.stop()

    async def _try(self, work: Callable[[], object]) -> None:
        try:
            await self._threads.run(work)
        except DatabaseError as error:
            logger.warning("maintenance put off: %s", error)


def renew_seals(now: datetime) -> int:
    """Renews seals, unless a live poller couldn't open the new ones. Servers that don't poll are not considered."""
    if models.PollerHeartbeat.objects.alive(now).without_figure(SEALS).exists():
        return 0
    return key_actions.renew_seals()


def prune(now: datetime) -> int:
    """Deletes events that are no longer read, and tasks that were removed long ago. Returns how many events."""
    leases.repair_schedule(now)
    actions.delete_expired(now)
    deleted = _delete_events(TaskEvent.objects.progress_before(now - PROGRESS_RETENTION))
    deleted += _delete_events(TaskEvent.objects.orphans(now - ORPHAN_RETENTION))
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the write-ahead log never shrinks by itself
    return deleted


def _delete_events(old: TaskEventQuerySet) -> int:
    """Deletes in batches, since a long transaction would block every other writer."""
    deleted = 0
    while ids := [*old.values_list("pk", flat=True)[:PRUNE_BATCH]]:
        with write_transaction():
            deleted += TaskEvent.objects.filter(pk__in=ids).delete()[0]
    return deleted
