"""What becomes of a claimed video: the writes, each one fenced by the claim.

Where both are locked the task comes before its video, as it does when a task is deleted.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from dashboard.archive.retry_policy import RetryDecision
from dashboard.database import write_transaction
from dashboard.tasks import archive_state, writes
from dashboard.tasks.models import Task, TaskEvent
from dashboard.videos import files
from dashboard.videos.models import VideoCopy

RECHECK_INTERVAL = timedelta(days=30)
UNCLAIMED = {"lease_until": None, "lease_token": None}
ANNOUNCED = {archive_state.FULL, archive_state.GONE, archive_state.FAILED}  # what makes an event


class LeaseLost(Exception):
    """The claim is not ours any more."""


class NoRoom(Exception):
    """The archive, or its disk, is full."""


def reserve(copy: VideoCopy, size: int) -> None:
    """Promises room for so many bytes. Raises NoRoom, Lost."""
    with write_transaction():
        taken = VideoCopy.objects.exclude(pk=copy.pk).occupied()
        if taken + size > settings.ARCHIVE_LIMIT:
            raise NoRoom(f"The archive is full: {taken:,} of {settings.ARCHIVE_LIMIT:,} bytes are taken.")
        _update(copy, size=size)


def record_whole(copy: VideoCopy, size: int, sha256: str, media_type: str, etag: str) -> None:
    """A draft is whole and on disk: from here on a file with this sum is the video, wherever it is found."""
    _update(copy, size=size, sha256=sha256, media_type=media_type, etag=etag)
    copy.size, copy.sha256, copy.media_type, copy.etag = size, sha256, media_type, etag


def place(copy: VideoCopy, draft: Path) -> None:
    """Gives the draft its name, with the row locked: an archiver that has slept must not replace a newer file."""
    with write_transaction():
        if not VideoCopy.objects.held(copy).filter(task__isnull=False).select_for_update():
            raise LeaseLost
        files.put_in_place(draft, copy.pk)


def mark_kept(copy: VideoCopy, now: datetime, *, force: bool = False) -> bool:
    """The file is in place. False: what is known of the video by now speaks of another one, and `force` is not set."""
    with write_transaction():
        task = Task.objects.lock_for_update([copy.pk]).get(copy.pk)
        if task is None:
            raise LeaseLost
        if not (force or task.size_bytes is None or (task.size_bytes, task.content_etag) == (copy.size, copy.etag)):
            return False
        stored_at = copy.stored_at if task.kept_at else now
        _update(
            copy,
            **UNCLAIMED,
            state=VideoCopy.State.KEPT,
            stored_at=stored_at,
            checked_at=now,
            next_try_at=now + RECHECK_INTERVAL,
            tries=0,
            error="",
        )
        _announce_kept(task, copy, now)
    return True


def _announce_kept(task: Task, copy: VideoCopy, now: datetime) -> None:
    if task.kept_at is None:
        writes.update_task(
            task,
            TaskEvent.Kind.COPY,
            detail="The video is kept here from now on.",
            copy_state=archive_state.KEPT,
            kept_at=now,
            size_bytes=copy.size,
            content_type=copy.media_type,
            content_etag=copy.etag,
        )


def mark_missing(copy: VideoCopy) -> None:
    """The file of a kept video is not what it was, or missing: it is not played from there any more."""
    with write_transaction():
        task = Task.objects.lock_for_update([copy.pk]).get(copy.pk)
        _update(copy, state=VideoCopy.State.WANTED)
        if task is not None and task.kept_at:
            detail = "Our copy of the video was damaged. It is being fetched again."
            writes.update_task(task, TaskEvent.Kind.COPY, detail=detail, copy_state=archive_state.WAITING, kept_at=None)
    copy.state = VideoCopy.State.WANTED


def fail(
    copy: VideoCopy, message: str, decide_retry: Callable[[int, datetime], RetryDecision], now: datetime
) -> RetryDecision | None:
    """Notes a try that came to nothing; None when the task was deleted meanwhile.

    `judge` is told the failures in a row, this one included, and when the task finished.
    """
    with write_transaction():
        task = Task.objects.lock_for_update([copy.pk]).get(copy.pk)
        if task is None:
            return None
        decision = decide_retry(copy.tries + 1, task.finished_at or task.created_at)
        given_up = decision.next_try_at is None
        _update(
            copy,
            **UNCLAIMED,
            state=VideoCopy.State.GIVEN_UP if given_up else VideoCopy.State.WANTED,
            size=copy.size if copy.sha256 else None,
            tries=copy.tries + 1,
            error=message[:300],
            next_try_at=decision.next_try_at,
        )
        _announce(task, decision, message)
    return decision


def _announce(task: Task, decision: RetryDecision, message: str) -> None:
    if task.copy_state == decision.copy_state:
        return
    if decision.copy_state in ANNOUNCED:
        writes.update_task(task, TaskEvent.Kind.COPY, detail=message, copy_state=decision.copy_state)
    else:
        # Nobody needs to hear of it: the page says so when it is looked at.
        writes.set_fields(Task.objects.filter(pk=task.pk), copy_state=decision.copy_state)


def _update(copy: VideoCopy, **fields: object) -> None:
    if not VideoCopy.objects.held(copy).filter(task__isnull=False).update(**fields):
        raise LeaseLost
