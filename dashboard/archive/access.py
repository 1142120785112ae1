"""Our copy, for whoever plays a film."""

import os
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from dashboard.archive import files
from dashboard.archive.models import FilmCopy
from dashboard.database import write_transaction
from dashboard.tasks import copies
from dashboard.tasks.models import Task

DOUBTED_EVERY = timedelta(hours=1)  # reading a film whole is much work for one that some other server can't see


def open_copy(task: Task) -> int | None:
    """A file descriptor of the kept film, to be closed by the caller; None when there is none of the known size.

    While `kept_at` is set the file is the film that `size_bytes` and `content_etag` speak of.
    """
    if task.kept_at is None:
        return None
    try:
        descriptor = os.open(files.path_of(task.pk), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    if os.fstat(descriptor).st_size == task.size_bytes:
        return descriptor
    os.close(descriptor)
    return None


def doubt(task: Task) -> None:
    """A kept film could not be opened, or its facts were found wrong: the archiver reads its file whole, soon."""
    now = timezone.now()
    long_ago = Q(checked_at=None) | Q(checked_at__lt=now - DOUBTED_EVERY)
    with write_transaction():
        FilmCopy.objects.filter(long_ago, pk=task.pk, state=FilmCopy.State.KEPT).update(next_try_at=now)


def disown(task: Task) -> None:
    """The facts of the film are about to be learnt anew, so that the copy must not be played before it is checked."""
    with write_transaction():
        Task.objects.filter(pk=task.pk, kept_at__isnull=False).update(kept_at=None, copy_state=copies.WAITING)
        FilmCopy.objects.filter(pk=task.pk, state=FilmCopy.State.KEPT).update(next_try_at=timezone.now())


def found_again(task: Task) -> None:
    """A film that was given up is there after all."""
    if task.copy_state in (copies.GONE, copies.FAILED):
        with write_transaction():
            given_up = FilmCopy.objects.filter(pk=task.pk, state=FilmCopy.State.GIVEN_UP)
            given_up.update(state=FilmCopy.State.WANTED, tries=0, next_try_at=timezone.now())
