"""What becomes of a claimed film: the writes, each one fenced by the claim.

Where both are locked the task comes before its film, as it does when a task is deleted.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from dashboard.archive import files
from dashboard.archive.models import FilmCopy
from dashboard.archive.retrying import Verdict
from dashboard.database import write_transaction
from dashboard.tasks import changes, copies
from dashboard.tasks.models import Task, TaskEvent

READ_AGAIN = timedelta(days=30)
UNCLAIMED = {"lease_until": None, "lease_token": None}
TOLD = {copies.FULL, copies.GONE, copies.FAILED}  # what makes an event


class Lost(Exception):
    """The claim is not ours any more."""


class NoRoom(Exception):
    """The archive, or its disk, is full."""


def reserve(copy: FilmCopy, size: int) -> None:
    """Promises room for so many bytes. Raises NoRoom, Lost."""
    with write_transaction():
        taken = FilmCopy.objects.exclude(pk=copy.pk).occupied()
        if taken + size > settings.ARCHIVE_LIMIT:
            raise NoRoom(f"The archive is full: {taken:,} of {settings.ARCHIVE_LIMIT:,} bytes are taken.")
        _update(copy, size=size)


def note(copy: FilmCopy, size: int, sha256: str, media_type: str, etag: str) -> None:
    """A draft is whole and on disk: from here on a file with this sum is the film, wherever it is found."""
    _update(copy, size=size, sha256=sha256, media_type=media_type, etag=etag)
    copy.size, copy.sha256, copy.media_type, copy.etag = size, sha256, media_type, etag


def place(copy: FilmCopy, draft: Path) -> None:
    """Gives the draft its name, with the row locked: an archiver that has slept must not replace a newer file."""
    with write_transaction():
        if not FilmCopy.objects.held(copy).filter(task__isnull=False).select_for_update():
            raise Lost
        files.put_in_place(draft, copy.pk)


def keep(copy: FilmCopy, now: datetime, *, insist: bool = False) -> bool:
    """The file is in place. False: what is known of the film by now speaks of another one, and `insist` is not set."""
    with write_transaction():
        task = Task.objects.lock_for_update([copy.pk]).get(copy.pk)
        if task is None:
            raise Lost
        if not (insist or task.size_bytes is None or (task.size_bytes, task.content_etag) == (copy.size, copy.etag)):
            return False
        stored_at = copy.stored_at if task.kept_at else now
        _update(
            copy,
            **UNCLAIMED,
            state=FilmCopy.State.KEPT,
            stored_at=stored_at,
            checked_at=now,
            next_try_at=now + READ_AGAIN,
            tries=0,
            error="",
        )
        _tell_kept(task, copy, now)
    return True


def _tell_kept(task: Task, copy: FilmCopy, now: datetime) -> None:
    if task.kept_at is None:
        changes.update_task(
            task,
            TaskEvent.Kind.COPY,
            detail="The video is kept here from now on.",
            copy_state=copies.KEPT,
            kept_at=now,
            size_bytes=copy.size,
            content_type=copy.media_type,
            content_etag=copy.etag,
        )


def withdraw(copy: FilmCopy) -> None:
    """The file of a kept film is not what it was, or missing: it is not played from there any more."""
    with write_transaction():
        task = Task.objects.lock_for_update([copy.pk]).get(copy.pk)
        _update(copy, state=FilmCopy.State.WANTED)
        if task is not None and task.kept_at:
            detail = "Our copy of the video was damaged. It is being fetched again."
            changes.update_task(task, TaskEvent.Kind.COPY, detail=detail, copy_state=copies.WAITING, kept_at=None)
    copy.state = FilmCopy.State.WANTED


def fail(copy: FilmCopy, message: str, judge: Callable[[int, datetime], Verdict], now: datetime) -> Verdict | None:
    """Notes a try that came to nothing; None when the task was deleted meanwhile.

    `judge` is told the failures in a row, this one included, and when the task finished.
    """
    with write_transaction():
        task = Task.objects.lock_for_update([copy.pk]).get(copy.pk)
        if task is None:
            return None
        verdict = judge(copy.tries + 1, task.finished_at or task.created_at)
        given_up = verdict.next_try_at is None
        _update(
            copy,
            **UNCLAIMED,
            state=FilmCopy.State.GIVEN_UP if given_up else FilmCopy.State.WANTED,
            size=copy.size if copy.sha256 else None,
            tries=copy.tries + 1,
            error=message[:300],
            next_try_at=verdict.next_try_at,
        )
        _tell(task, verdict, message)
    return verdict


def _tell(task: Task, verdict: Verdict, message: str) -> None:
    if task.copy_state == verdict.copy_state:
        return
    if verdict.copy_state in TOLD:
        changes.update_task(task, TaskEvent.Kind.COPY, detail=message, copy_state=verdict.copy_state)
    else:
        # Nobody needs to hear of it: the page says so when it is looked at.
        Task.objects.filter(pk=task.pk).update(copy_state=verdict.copy_state)


def _update(copy: FilmCopy, **fields: object) -> None:
    if not FilmCopy.objects.held(copy).filter(task__isnull=False).update(**fields):
        raise Lost
