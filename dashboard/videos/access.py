"""Access to our copies, for playing videos."""

import os
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from dashboard.database import write_transaction
from dashboard.tasks import archive_state, writes
from dashboard.tasks.models import TaskEvent, Video
from dashboard.videos import files

CHECK_INTERVAL = timedelta(hours=1)  # a check reads the whole file, even if just one server can't open it


def open_copy(video: Video) -> int | None:
    """Returns a file descriptor of our copy, which the caller must close; None if there is no copy of the known size.

    While `kept_at` is set, the file is the video that `size_bytes` and `content_etag` describe.
    """
    if video.kept_at is None:
        return None
    try:
        descriptor = os.open(files.path_of(video.pk), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    if os.fstat(descriptor).st_size == video.size_bytes:
        return descriptor
    os.close(descriptor)
    return None


def schedule_check(video: Video) -> None:
    """Makes the archiver check our copy soon, as it could not be opened. At most once per CHECK_INTERVAL."""
    now = timezone.now()
    long_ago = Q(checked_at=None) | Q(checked_at__lt=now - CHECK_INTERVAL)
    with write_transaction():
        Video.objects.filter(long_ago, pk=video.pk, copy_state=archive_state.KEPT).update(next_try_at=now)


def invalidate(video: Video) -> None:
    """Stops playing our copy until the archiver has checked it, as the video's metadata will be derived again."""
    with write_transaction():
        kept = Video.objects.filter(pk=video.pk, kept_at__isnull=False)
        kept.update(kept_at=None, copy_state=archive_state.WAITING, next_try_at=timezone.now())


def mark_gone(video: Video) -> None:
    """Records that neither the gateway nor the URL has the video any more."""
    with write_transaction():
        missing = Video.objects.filter(pk=video.pk, kept_at=None).exclude(copy_state=archive_state.GONE)
        if missing.update(copy_state=archive_state.GONE, next_try_at=None) and video.task is not None:
            writes.update_task(
                video.task, TaskEvent.Kind.COPY, detail=gettext_noop("The gateway has the video no longer.")
            )


def requeue(video: Video) -> None:
    """Enqueues a video again that was given up but turned out to be available."""
    if video.copy_state in archive_state.GIVEN_UP:
        with write_transaction():
            given_up = Video.objects.filter(pk=video.pk, copy_state__in=archive_state.GIVEN_UP)
            given_up.update(copy_state=archive_state.WAITING, tries=0, next_try_at=timezone.now())
