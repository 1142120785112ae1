"""Reads the facts and pictures of copied videos, each in a process of its own, until it is canceled.

What a file does to its reader costs that one video its pictures: a crash, a limit or a timeout is stored as the reason
and logged once, and the file isn't read again until it is replaced. A server that stops in between leaves a claim,
which expires.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import Error as DatabaseError
from django.utils import timezone

from dashboard.database import write_transaction
from dashboard.tasks import writes
from dashboard.tasks.models import TaskEvent, Video
from dashboard.threads import ThreadPool
from dashboard.videos import access, files, media_process
from dashboard.videos.media_process import FileReport

CLAIM: Final = timedelta(seconds=90)  # longer than reading may take
LOOK_EVERY: Final = 1.0  # seconds
OUT_OF_ORDER: Final = 5.0  # seconds until a failed database or disk is tried again

logger = logging.getLogger(__name__)


class FileReader:
    """Reads one file after another: a reader takes a whole core."""

    def __init__(self, *, now: Callable[[], datetime] = timezone.now) -> None:
        self._now = now
        self._database = ThreadPool("file-reader-database")

    async def run(self) -> None:
        """Runs until canceled."""
        try:
            while True:
                try:
                    found = await self.read_next()
                except (DatabaseError, OSError) as error:
                    logger.warning("video files can't be read now, trying again: %s", error)
                    await asyncio.sleep(OUT_OF_ORDER)
                    continue
                if not found:
                    await asyncio.sleep(LOOK_EVERY)
        finally:
            await self.close()

    async def close(self) -> None:
        await self._database.close()

    async def read_next(self) -> bool:
        """Reads the file of one video, if one waits. Returns whether one did."""
        video = await self._database.run(claim_next, self._now())
        if video is None:
            return False
        descriptor = await self._database.run(access.open_copy, video)
        if descriptor is None:  # the archiver finds out; the claim keeps it from being tried until then
            await self._database.run(access.schedule_check, video)
            return True
        try:
            report = await media_process.read_file(descriptor)
        finally:
            os.close(descriptor)
        if report.info.error:
            logger.warning("%s has no pictures: %s", video, report.info.error)
        await self._database.run(store_report, video, report)
        return True


def claim_next(now: datetime) -> Video | None:
    for video in Video.objects.unread(now)[:1]:
        claimed = Video.objects.unread(now).filter(pk=video.pk).order_by()
        with write_transaction():
            if claimed.update(read_until=now + CLAIM):
                return video
    return None


def store_report(video: Video, report: FileReport) -> bool:
    """Stores the facts and pictures. Returns False if the video's file was replaced or removed in the meantime."""
    same_file = Video.objects.filter(
        pk=video.pk, file_sha256=video.file_sha256, kept_at__isnull=False, task__isnull=False
    )
    with write_transaction():
        found = same_file.select_related("task").select_for_update(of=("self",)).first()
        if found is None or found.task is None:
            return False
        for kind, content in report.pictures.items():
            if content:
                files.write_picture(video.pk, kind, content)
        same_file.update(media=report.info.to_json(), read_until=None)
        writes.update_with_retry(found.task, TaskEvent.Kind.PICTURES, {})
    return True
