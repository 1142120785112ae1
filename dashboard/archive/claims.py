"""Claims: which archiver copies which video, and until when.

Each claim has a new token that fences all writes made under it.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

from dashboard.database import write_transaction
from dashboard.tasks import archive_state
from dashboard.tasks.models import Video

LEASE = timedelta(seconds=60)
RENEW_EVERY = 15.0  # seconds
AT_ONCE = 20  # videos enqueued at a time, so that new ones don't wait behind years of old ones
RECENT = timedelta(days=2)  # newer videos are copied first


def claim_due(limit: int, now: datetime) -> list[Video]:
    """Enqueues finished videos and claims up to `limit` videos. Writes nothing if there is nothing to do."""
    if not limit:
        return []
    if Video.objects.unnoticed().exists() and Video.objects.due(now)[:AT_ONCE].count() < AT_ONCE:
        enqueue(now)
    return claim(limit, now) if Video.objects.due(now).exists() else []


def enqueue(now: datetime) -> None:
    """Enqueues finished videos: recent ones first, from the oldest, then older ones, from the newest."""
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
    """Extends the claim. Returns False if another archiver has the video by now, or its task was deleted."""
    return bool(Video.objects.claimed_as(video).filter(task__isnull=False).update(lease_until=now + LEASE))


def release(held: Iterable[Video]) -> None:
    """Releases claims when an archiver stops."""
    for video in held:
        Video.objects.claimed_as(video).update(lease_until=None, lease_token=None)


def end_dead_lease(video_id: uuid.UUID, token: uuid.UUID) -> None:
    """Ends the claim of an archiver that is known to have died."""
    Video.objects.filter(pk=video_id, lease_token=token).update(lease_until=None, lease_token=None)
