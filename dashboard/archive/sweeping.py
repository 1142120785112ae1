"""What deletions and deaths leave behind.

A file that no row knows of is left alone: rows go after files, so none comes from us, but a database that was restored
from a backup, or newly made, would otherwise cost every film there is.
"""

import logging
from pathlib import Path
from uuid import UUID

from dashboard.archive import files, leases
from dashboard.archive.models import FilmCopy
from dashboard.database import write_transaction

AT_ONCE = 20

logger = logging.getLogger(__name__)


def remove_deleted() -> int:
    """Copies of deleted tasks. Under the row's lock, so that no archiver puts a file in place behind our back."""
    if not FilmCopy.objects.taskless().exists():
        return 0
    with write_transaction():
        gone = [*FilmCopy.objects.taskless().select_for_update().values_list("pk", flat=True)[:AT_ONCE]]
        for film_id in gone:
            files.remove(film_id)
        FilmCopy.objects.filter(pk__in=gone).delete()
    return len(gone)


def sweep_drafts() -> int:
    """Drafts of archivers that died; their claims end at once. Returns how many went.

    A whole one is left for whoever takes its film up next.
    """
    files.prepare()
    swept = 0
    for film_id, token, path in files.deserted_drafts():
        if not _may_be_whole(film_id, path):
            path.unlink(missing_ok=True)
            swept += 1
        leases.end(film_id, token)
    if swept:
        logger.info("archive: %d half films of archivers that died were swept away", swept)
    return swept


def _may_be_whole(film_id: UUID, path: Path) -> bool:
    row = FilmCopy.objects.filter(pk=film_id, state=FilmCopy.State.WANTED, task__isnull=False).first()
    return row is not None and row.sha256 != "" and path.stat().st_size == row.size
