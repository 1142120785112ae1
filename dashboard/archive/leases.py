"""Claims on films: who fetches what, for how long. A claim carries a fresh token that fences every write after it."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

from dashboard.archive.models import FilmCopy
from dashboard.database import write_transaction
from dashboard.tasks import copies
from dashboard.tasks.models import Task

LEASE = timedelta(seconds=60)
RENEW_EVERY = 15.0  # seconds
AT_ONCE = 20  # films noticed in one go, so that newcomers do not wait behind years of old ones
RECENT = timedelta(days=2)  # what ended since then is worth hurrying for


def look(limit: int, now: datetime) -> list[FilmCopy]:
    """Takes notice of finished tasks, and claims up to `limit` films. Writes nothing when there is nothing to do."""
    if not limit:
        return []
    if Task.objects.not_archived().exists() and FilmCopy.objects.due(now)[:AT_ONCE].count() < AT_ONCE:
        notice(now)
    return claim(limit, now) if FilmCopy.objects.due(now).exists() else []


def notice(now: datetime) -> None:
    """Makes rows for finished tasks that have none: the oldest of the recent ones first, then the newest of the old."""
    with write_transaction():
        waiting = Task.objects.not_archived().only("pk", "finished_at")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        found = [*waiting.filter(finished_at__gt=now - RECENT).order_by("finished_at")[:AT_ONCE]]
        found = found or [*waiting.order_by("-finished_at")[:AT_ONCE]]
        made = [FilmCopy(pk=task.pk, task=task, next_try_at=now) for task in found]
        FilmCopy.objects.bulk_create(made, ignore_conflicts=True)
        Task.objects.filter(pk__in=[task.pk for task in found]).update(copy_state=copies.WAITING)


def claim(limit: int, now: datetime) -> list[FilmCopy]:
    token = uuid.uuid4()
    with write_transaction():
        due = FilmCopy.objects.due(now)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        claimed = [*due[:limit]]
        FilmCopy.objects.filter(pk__in=[copy.pk for copy in claimed]).update(lease_token=token, lease_until=now + LEASE)
    for copy in claimed:
        copy.lease_token, copy.lease_until = token, now + LEASE
    return claimed


def renew(copy: FilmCopy, now: datetime) -> bool:
    """False: somebody else has it by now, or its task was deleted."""
    return bool(FilmCopy.objects.held(copy).filter(task__isnull=False).update(lease_until=now + LEASE))


def release(held: Iterable[FilmCopy]) -> None:
    """Gives claims back when an archiver is told to stop."""
    for copy in held:
        FilmCopy.objects.held(copy).update(lease_until=None, lease_token=None)


def end(film_id: uuid.UUID, token: uuid.UUID) -> None:
    """Ends the claim of an archiver that is known to be dead."""
    FilmCopy.objects.filter(pk=film_id, lease_token=token).update(lease_until=None, lease_token=None)
