"""What deletions and deaths leave behind.

A file that no row knows of is left alone: rows go after files, so none comes from us, but a database that was restored
from a backup, or newly made, would otherwise cost every video there is.
"""

import logging
from pathlib import Path
from uuid import UUID

from dashboard.archive import claims
from dashboard.database import write_transaction
from dashboard.tasks import archive_state
from dashboard.tasks.models import Video
from dashboard.videos import files

AT_ONCE = 20

logger = logging.getLogger(__name__)


def remove_deleted() -> int:
    """Copies of deleted tasks. Under the row's lock, so that no archiver puts a file in place behind our back."""
    if not Video.objects.orphaned().exists():
        return 0
    with write_transaction():
        gone = [*Video.objects.orphaned().select_for_update().values_list("pk", flat=True)[:AT_ONCE]]
        for video_id in gone:
            files.remove(video_id)
        Video.objects.filter(pk__in=gone).delete()
    return len(gone)


def remove_partials() -> int:
    """Drafts of archivers that died; their claims end at once. Returns how many went.

    A whole one is left for whoever takes its video up next.
    """
    files.prepare()
    swept = 0
    for video_id, token, path in files.abandoned_partials():
        if not _may_be_whole(video_id, path):
            path.unlink(missing_ok=True)
            swept += 1
        claims.end_dead_lease(video_id, token)
    if swept:
        logger.info("archive: %d half videos of archivers that died were swept away", swept)
    return swept


def _may_be_whole(video_id: UUID, path: Path) -> bool:
    wanted = Video.objects.filter(pk=video_id, kept_at=None, task__isnull=False)
    row = wanted.exclude(copy_state__in=archive_state.GIVEN_UP).first()
    return row is not None and row.file_sha256 != "" and path.stat().st_size == row.file_size
