"""Cleans up after deleted tasks and archivers that died.

Files without a row are left alone. We never leave any, as files are removed before rows, but after the database was
restored from a backup or newly created, removing them would delete every video.
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
    """Removes copies of deleted tasks. The row is locked so that no archiver can put a file in place meanwhile."""
    if not Video.objects.orphaned().exists():
        return 0
    with write_transaction():
        gone = [*Video.objects.orphaned().select_for_update().values_list("pk", flat=True)[:AT_ONCE]]
        for video_id in gone:
            files.remove(video_id)
        Video.objects.filter(pk__in=gone).delete()
    return len(gone)


def remove_partials() -> int:
    """Removes drafts of archivers that died, and ends their claims. Returns how many drafts were removed.

    A draft that may be complete is left for the next archiver that claims its video.
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
