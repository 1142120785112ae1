"""Claims on videos: who fetches what, for how long. A claim carries a fresh token that fences every write after it."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

from dashboard.database import write_transaction
from dashboard.tasks import archive_state, writes
from dashboard.tasks.models import Task
from dashboard.videos.models import VideoCopy

LEASE = timedelta(seconds=60)
RENEW_EVERY = 15.0  # seconds
AT_ONCE = 20  # videos noticed in one go, so that newcomers do not wait behind years of old ones
RECENT = timedelta(days=2)  # what ended since then is worth hurrying for


def claim_due(limit: int, now: datetime) -> list[VideoCopy]:
    """Takes notice of finished tasks, and claims up to `limit` videos. Writes nothing when there is nothing to do."""
    if not limit:
        return []
    if Task.objects.not_archived().exists() and VideoCopy.objects.due(now)[:AT_ONCE].count() < AT_ONCE:
        enqueue(now)
    return claim(limit, now) if VideoCopy.objects.due(now).exists() else []


def enqueue(now: datetime) -> None:
    """Makes rows for finished tasks that have none: the oldest of the recent ones first, then the newest of the old."""
    with write_transaction():
        waiting = Task.objects.not_archived().only("pk", "finished_at")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        found = [*waiting.filter(finished_at__gt=now - RECENT).order_by("finished_at")[:AT_ONCE]]
        found = found or [*waiting.order_by("-finished_at")[:AT_ONCE]]
        made = [VideoCopy(pk=task.pk, task=task, next_try_at=now) for task in found]
        VideoCopy.objects.bulk_create(made, ignore_conflicts=True)
        writes.set_fields(Task.objects.filter(pk__in=[task.pk for task in found]), copy_state=archive_state.WAITING)


def claim(limit: int, now: datetime) -> list[VideoCopy]:
    token = uuid.uuid4()
    with write_transaction():
        due = VideoCopy.objects.due(now)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        claimed = [*due[:limit]]
        VideoCopy.objects.filter(pk__in=[copy.pk for copy in claimed]).update(
            lease_token=token, lease_until=now + LEASE
        )
    for copy in claimed:
        copy.lease_token, copy.lease_until = token, now + LEASE
    return claimed


def renew(copy: VideoCopy, now: datetime) -> bool:
    """False: somebody else has it by now, or its task was deleted."""
    return bool(VideoCopy.objects.held(copy).filter(task__isnull=False).update(lease_until=now + LEASE))


def release(held: Iterable[VideoCopy]) -> None:
    """Gives claims back when an archiver is told to stop."""
    for copy in held:
        VideoCopy.objects.held(copy).update(lease_until=None, lease_token=None)


def end_dead_lease(video_id: uuid.UUID, token: uuid.UUID) -> None:
    """Ends the claim of an archiver that is known to be dead."""
    VideoCopy.objects.filter(pk=video_id, lease_token=token).update(lease_until=None, lease_token=None)
