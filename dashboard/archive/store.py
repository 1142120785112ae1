"""Database writes for a claimed video, each fenced by the claim.

If both are locked, the task is locked before its video, as it is when a task is deleted.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop

from dashboard.archive.retry_policy import RetryDecision
from dashboard.database import write_transaction
from dashboard.tasks import archive_state, stored_texts, writes
from dashboard.tasks.models import Task, TaskEvent, Video
from dashboard.videos import files

RECHECK_INTERVAL = timedelta(days=30)
MOST_EVICTED = 500  # copies evicted for one video
UNCLAIMED = {"lease_until": None, "lease_token": None}
ANNOUNCED = {archive_state.FULL, archive_state.GONE, archive_state.FAILED}  # states that create an event
SAVED = gettext_noop("The video was saved.")
DAMAGED = gettext_noop("The video: our copy was damaged. It is being fetched again.")


class LeaseLost(Exception):
    """The claim was lost, or the task was deleted."""


class NoRoom(Exception):
    """The archive, or its disk, is full."""


def reserve(video: Video, size: int) -> None:
    """Reserves `size` bytes, evicting copies of removed tasks if necessary. Raises NoRoom or LeaseLost."""
    with write_transaction():
        taken = Video.objects.exclude(pk=video.pk).occupied()
        if taken + size > settings.ARCHIVE_LIMIT:
            taken -= evict_removed(video, taken + size - settings.ARCHIVE_LIMIT)
        if taken + size > settings.ARCHIVE_LIMIT:
            values = {"taken": f"{taken:,}", "limit": f"{settings.ARCHIVE_LIMIT:,}"}
            raise NoRoom(stored_texts.ARCHIVE_FULL % values)
        _update(video, file_size=size)


def evict_removed(video: Video, size: int) -> int:
    """Deletes copies of removed tasks, in order of removal, until `size` bytes are freed or none are left.

    Returns how many bytes were freed. Evicts nothing for a `video` whose own task was removed. If a task is restored
    later, its video is copied again.
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
        return 0  # restored, deleted or evicted in the meantime
    files.remove(found.pk)
    nothing: dict[str, Any] = {"kept_at": None, "stored_at": None, "file_size": None, "file_sha256": "", "media": None}
    Video.objects.filter(pk=found.pk).update(**nothing, **UNCLAIMED, copy_state=archive_state.NONE, next_try_at=None)
    return found.file_size or 0


def record_whole(video: Video, size: int, sha256: str, media_type: str, etag: str) -> None:
    """Records that the draft is complete and on disk. From now on, any file with this checksum is the video."""
    file = {"file_size": size, "file_sha256": sha256, "file_type": media_type, "file_etag": etag}
    _update(video, **file, media=None, read_until=None)
    video.file_size, video.file_sha256, video.file_type, video.file_etag = size, sha256, media_type, etag


def place(video: Video, draft: Path) -> None:
    """Moves the draft to its final name, with the row locked. Raises LeaseLost.

    An archiver that was suspended must not replace a newer file.
    """
    with write_transaction():
        if not Video.objects.claimed_as(video).filter(task__isnull=False).select_for_update():
            raise LeaseLost
        files.put_in_place(draft, video.pk)


def mark_kept(video: Video, now: datetime, *, force: bool = False) -> bool:
    """Records that the file is in place. Raises LeaseLost.

    Returns False if the metadata is that of another video by now, unless `force` is set.
    """
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
            writes.update_task(task, TaskEvent.Kind.COPY, detail=_about(task, video, SAVED, stored_texts.VIDEO_SAVED))
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
    """Records that our copy is missing or damaged, so that it is no longer played."""
    with write_transaction():
        task, found = _locked(video)
        _update(video, copy_state=archive_state.WAITING, kept_at=None)
        if task is not None and found is not None and found.kept_at:
            detail = _about(task, video, DAMAGED, stored_texts.VIDEO_DAMAGED)
            writes.update_task(task, TaskEvent.Kind.COPY, detail=detail)
    video.copy_state, video.kept_at = archive_state.WAITING, None


def fail(
    video: Video, message: str, decide_retry: Callable[[int, datetime], RetryDecision], now: datetime
) -> RetryDecision | None:
    """Records a failed attempt. Returns None if the task was deleted in the meantime.

    `decide_retry` gets the number of failures in a row, including this one, and when the task finished.
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
        # Other states need no event: the page shows them when it is opened.
        if decision.copy_state != found.copy_state and decision.copy_state in ANNOUNCED:
            writes.update_task(task, TaskEvent.Kind.COPY, detail=message)
    return decision


def _about(task: Task, video: Video, only: str, one_of_several: str) -> str:
    """Returns a sentence in English, because it is stored."""
    return one_of_several % {"number": video.position} if len(task.videos.all()) > 1 else only


def _locked(video: Video) -> tuple[Task | None, Video | None]:
    """Locks and returns the task and the current row of the video; None for each that was deleted."""
    locked = Task.objects.lock_for_update([video.task_id]) if video.task_id else {}
    found = Video.objects.filter(pk=video.pk).select_for_update(of=("self",)).first()
    return (locked.get(video.task_id) if video.task_id else None), found


def _update(video: Video, **fields: object) -> None:
    if not Video.objects.claimed_as(video).filter(task__isnull=False).update(**fields):
        raise LeaseLost
