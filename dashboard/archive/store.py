"""What becomes of a claimed video: the writes, each one fenced by the claim.

Where both are locked the task comes before its video, as it does when a task is deleted.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from dashboard.archive.retry_policy import RetryDecision
from dashboard.database import write_transaction
from dashboard.tasks import archive_state, writes
from dashboard.tasks.models import Task, TaskEvent, Video
from dashboard.videos import files

RECHECK_INTERVAL = timedelta(days=30)
MOST_EVICTED = 500  # copies, for one video
UNCLAIMED = {"lease_until": None, "lease_token": None}
ANNOUNCED = {archive_state.FULL, archive_state.GONE, archive_state.FAILED}  # what makes an event


class LeaseLost(Exception):
    """The claim is not ours any more."""


class NoRoom(Exception):
    """The archive, or its disk, is full."""


def reserve(video: Video, size: int) -> None:
    """Promises room for so many bytes; copies of removed tasks make way. Raises NoRoom, LeaseLost."""
    with write_transaction():
        taken = Video.objects.exclude(pk=video.pk).occupied()
        if taken + size > settings.ARCHIVE_LIMIT:
            taken -= evict_removed(video, taken + size - settings.ARCHIVE_LIMIT)
        if taken + size > settings.ARCHIVE_LIMIT:
            raise NoRoom(f"The archive is full: {taken:,} of {settings.ARCHIVE_LIMIT:,} bytes are taken.")
        _update(video, file_size=size)


def evict_removed(video: Video, size: int) -> int:
    """Deletes copies of removed tasks, those removed first to begin with, until `size` bytes are free or none is left.

    Returns how many bytes that were. Nothing makes way for a `video` whose own task is removed. A task that is restored
    afterwards has its video fetched again.
    """
    if not size or Video.objects.filter(pk=video.pk, task__removed_at__isnull=False).exists():
        return 0
    freed = 0
    with write_transaction():
        for copy in [*Video.objects.evictable().order_by("task__removed_at", "pk")[:MOST_EVICTED]]:
            if freed >= size:
                break
            freed += _evict(copy)
    return freed


def _evict(copy: Video) -> int:
    task, found = _locked(copy)
    if task is None or task.removed_at is None or found is None or found.kept_at is None:
        return 0  # restored, deleted or evicted a moment ago
    files.remove(found.pk)
    nothing: dict[str, Any] = {"kept_at": None, "stored_at": None, "file_size": None, "file_sha256": ""}
    Video.objects.filter(pk=found.pk).update(**nothing, **UNCLAIMED, copy_state=archive_state.NONE, next_try_at=None)
    return found.file_size or 0


def record_whole(video: Video, size: int, sha256: str, media_type: str, etag: str) -> None:
    """A draft is whole and on disk: from here on a file with this sum is the video, wherever it is found."""
    _update(video, file_size=size, file_sha256=sha256, file_type=media_type, file_etag=etag)
    video.file_size, video.file_sha256, video.file_type, video.file_etag = size, sha256, media_type, etag


def place(video: Video, draft: Path) -> None:
    """Gives the draft its name, with the row locked: an archiver that has slept must not replace a newer file."""
    with write_transaction():
        if not Video.objects.claimed_as(video).filter(task__isnull=False).select_for_update():
            raise LeaseLost
        files.put_in_place(draft, video.pk)


def mark_kept(video: Video, now: datetime, *, force: bool = False) -> bool:
    """The file is in place. False: what is known of the video by now speaks of another one, and `force` is not set."""
    with write_transaction():
        task, found = _locked(video)
        if task is None or found is None:
            raise LeaseLost
        agrees = found.size_bytes is None or (found.size_bytes, found.content_etag) == (
            video.file_size,
            video.file_etag,
        )
        if not (force or agrees):
            return False
        if found.kept_at is None:
            kept: dict[str, object] = {"kept_at": now, "stored_at": now, "size_bytes": video.file_size}
            kept |= {"content_type": video.file_type, "content_etag": video.file_etag}
            writes.update_task(task, TaskEvent.Kind.COPY, detail=f"{_name(task, video)} was saved.")
        else:
            kept = {}
        _update(
            video,
            **UNCLAIMED,
            **kept,
            copy_state=archive_state.KEPT,
            checked_at=now,
            next_try_at=now + RECHECK_INTERVAL,
            tries=0,
            error="",
        )
    return True


def mark_missing(video: Video) -> None:
    """The file of a kept video is not what it was, or missing: it is not played from there any more."""
    with write_transaction():
        task, found = _locked(video)
        _update(video, copy_state=archive_state.WAITING, kept_at=None)
        if task is not None and found is not None and found.kept_at:
            detail = f"{_name(task, video)}: our copy was damaged. It is being fetched again."
            writes.update_task(task, TaskEvent.Kind.COPY, detail=detail)
    video.copy_state, video.kept_at = archive_state.WAITING, None


def fail(
    video: Video, message: str, decide_retry: Callable[[int, datetime], RetryDecision], now: datetime
) -> RetryDecision | None:
    """Notes a try that came to nothing; None when the task was deleted meanwhile.

    `decide_retry` is given the failures in a row, this one included, and when the task finished.
    """
    with write_transaction():
        task, found = _locked(video)
        if task is None or found is None:
            return None
        decision = decide_retry(video.tries + 1, task.finished_at or task.created_at)
        _update(
            video,
            **UNCLAIMED,
            copy_state=decision.copy_state,
            file_size=video.file_size if video.file_sha256 else None,
            tries=video.tries + 1,
            error=message[:300],
            next_try_at=decision.next_try_at,
        )
        # Nobody needs to hear of the others: the page says so when it is looked at.
        if decision.copy_state != found.copy_state and decision.copy_state in ANNOUNCED:
            writes.update_task(task, TaskEvent.Kind.COPY, detail=message)
    return decision


def _name(task: Task, video: Video) -> str:
    return f"Video {video.position}" if len(task.videos.all()) > 1 else "The video"


def _locked(video: Video) -> tuple[Task | None, Video | None]:
    """The video as it is now, and its task, both locked; None for what is gone."""
    locked = Task.objects.lock_for_update([video.task_id]) if video.task_id else {}
    found = Video.objects.filter(pk=video.pk).select_for_update(of=("self",)).first()
    return (locked.get(video.task_id) if video.task_id else None), found


def _update(video: Video, **fields: object) -> None:
    if not Video.objects.claimed_as(video).filter(task__isnull=False).update(**fields):
        raise LeaseLost
