"""Claims on videos: who fetches what, for how long. A claim carries a fresh token that fences every write after it."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

from dashboard.database import write_transaction
from dashboard.tasks import archive_state
from dashboard.tasks.models import Video

LEASE = timedelta(seconds=60)
RENEW_EVERY = 15.0  # seconds
AT_ONCE = 20  # videos noticed in one go, so that newcomers do not wait behind years of old ones
RECENT = timedelta(days=2)  # what ended since then is worth hurrying for


def claim_due(limit: int, now: datetime) -> list[Video]:
    """Takes notice of finished videos, and claims up to `limit` videos. Writes nothing when there is nothing to do."""
    if not limit:
        return []
    if Video.objects.unnoticed().exists() and Video.objects.due(now)[:AT_ONCE].count() < AT_ONCE:
        enqueue(now)
    return claim(limit, now) if Video.objects.due(now).exists() else []


def enqueue(now: datetime) -> None:
    """Takes finished videos up: the oldest of the recent ones first, then the newest of the old."""
    with write_transaction():
        waiting = Video.objects.unnoticed().only("pk", "created_at")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        found = [*waiting.filter(created_at__gt=now - RECENT).order_by("created_at")[:AT_ONCE]]
        found = found or [*waiting.order_by("-created_at")[:AT_ONCE]]
        unnoticed = Video.objects.filter(pk__in=[video.pk for video in found], copy_state=archive_state.NONE)
        unnoticed.update(copy_state=archive_state.WAITING, next_try_at=now)


def claim(limit: int, now: datetime) -> list[Video]:
    token = uuid.uuid4()
    with write_transaction():
        due = Video.objects.due(now)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        claimed = [*due[:limit]]
        Video.objects.filter(pk__in=[video.pk for video in claimed]).update(lease_token=token, lease_until=now + LEASE)
    for video in claimed:
        video.lease_token, video.lease_until = token, now + LEASE
    return claimed


def renew(video: Video, now: datetime) -> bool:
    """False: somebody else has it by now, or its task was deleted."""
    return bool(Video.objects.claimed_as(video).filter(task__isnull=False).update(lease_until=now + LEASE))


def release(held: Iterable[Video]) -> None:
    """Gives claims back when an archiver is told to stop."""
    for video in held:
        Video.objects.claimed_as(video).update(lease_until=None, lease_token=None)


def end_dead_lease(video_id: uuid.UUID, token: uuid.UUID) -> None:
    """Ends the claim of an archiver that is known to be dead."""
    Video.objects.filter(pk=video_id, lease_token=token).update(lease_until=None, lease_token=None)
