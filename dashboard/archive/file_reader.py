"""Reads the facts and pictures of videos, each in a process of its own, until it is canceled.

With ARCHIVE=off there are no copies. Then the beginning of each video is fetched once, which is enough for the poster
of most videos, but not for a storyboard.

What a file does to its reader costs that one video its pictures: a crash, a limit or a timeout is stored as the reason
and logged once, and the file isn't read again until it is replaced. A server that stops in between leaves a claim,
which expires.
"""

import asyncio
import logging
import os
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import IO, Final

from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone

from dashboard.archive import gateway_source
from dashboard.archive.source_video import Fetch, FetchFailed
from dashboard.database import write_transaction
from dashboard.tasks import writes
from dashboard.tasks.models import TaskEvent, Video, VideoQuerySet
from dashboard.threads import ThreadPool
from dashboard.videos import access, files, media_process
from dashboard.videos.media_process import FileReport

BEGINNING: Final = 2 * 1024**2  # bytes that are fetched of a video without a copy
RETRY_AFTER: Final = timedelta(hours=1)
FETCH_TIMEOUT: Final = 20.0  # seconds for that
CLAIM: Final = timedelta(seconds=90)  # longer than fetching and reading may take
LOOK_EVERY: Final = 1.0  # seconds
OUT_OF_ORDER: Final = 5.0  # seconds until a failed database or disk is tried again

logger = logging.getLogger(__name__)


class FileReader:
    """Reads one file after another: a reader takes a whole core. Without `fetch`, it reads only copies."""

    def __init__(self, fetch: Fetch | None = None, *, now: Callable[[], datetime] = timezone.now) -> None:
        self._fetch = fetch
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
        if video is None and self._fetch is not None:
            video = await self._database.run(claim_next_without_copy, self._now())
        if video is None:
            return False
        try:
            await (self._read_copy(video) if video.kept_at else self._read_beginning(video))
        except (DatabaseError, OSError):
            raise
        except Exception:
            logger.exception("%s could not be read", video)
            await self._database.run(postpone, video, self._now() + RETRY_AFTER)
        return True

    async def _read_copy(self, video: Video) -> None:
        descriptor = await self._database.run(access.open_copy, video)
        if descriptor is None:  # the archiver finds out; the claim keeps it from being tried until then
            await self._database.run(access.schedule_check, video)
            return
        try:
            await self._read(video, descriptor)
        finally:
            os.close(descriptor)

    async def _read_beginning(self, video: Video) -> None:
        """If it can't be fetched now, it is tried again after RETRY_AFTER."""
        with tempfile.TemporaryFile() as file:
            try:
                async with asyncio.timeout(FETCH_TIMEOUT):
                    await self._fetch_beginning(video, file)
            except (FetchFailed, TimeoutError) as error:
                logger.info("the beginning of %s could not be fetched: %s", video, error or "it took too long")
                await self._database.run(postpone, video, self._now() + RETRY_AFTER)
                return
            file.flush()
            os.lseek(file.fileno(), 0, os.SEEK_SET)
            await self._read(video, file.fileno())

    async def _fetch_beginning(self, video: Video, file: IO[bytes]) -> None:
        assert self._fetch is not None
        async with AsyncExitStack() as stack:
            incoming = await self._fetch(stack, video)
            async with aclosing(incoming.chunks) as chunks:
                async for chunk in chunks:
                    file.write(chunk)
                    if file.tell() >= BEGINNING:
                        return

    async def _read(self, video: Video, descriptor: int) -> None:
        report = await media_process.read_file(descriptor)
        if video.kept_at is None:  # a storyboard of the beginning would not be one
            info = replace(report.info, storyboard_size=None)
            report = FileReport(info, {"poster": report.pictures.get("poster", b"")})
        if report.info.error:
            logger.warning("%s has no pictures: %s", video, report.info.error)
        await self._database.run(store_report, video, report)


def new_file_reader() -> FileReader:
    return FileReader(None if settings.ARCHIVE else gateway_source.fetch)


def claim_next(now: datetime) -> Video | None:
    return _claim(Video.objects.unread(now), now)


def claim_next_without_copy(now: datetime) -> Video | None:
    return _claim(Video.objects.unread_without_copy(now), now)


def _claim(unread: VideoQuerySet, now: datetime) -> Video | None:
    for video in unread[:1]:
        with write_transaction():
            still_unread = Video.objects.filter(pk__in=unread.filter(pk=video.pk).order_by().values("pk"))
            if still_unread.update(read_until=now + CLAIM):
                return video
    return None


def postpone(video: Video, until: datetime) -> None:
    with write_transaction():
        Video.objects.filter(pk=video.pk, media__isnull=True).update(read_until=until)


def store_report(video: Video, report: FileReport) -> bool:
    """Stores the facts and pictures. Returns False if the video's file was replaced or removed in the meantime."""
    same_file = Video.objects.filter(
        pk=video.pk, file_sha256=video.file_sha256, kept_at__isnull=video.kept_at is None, task__isnull=False
    )
    with write_transaction():
        found = same_file.select_related("task").select_for_update(of=("self",)).first()
        if found is None or found.task is None:
            return False
        files.prepare()
        for kind, content in report.pictures.items():
            if content:
                files.write_picture(video.pk, kind, content)
        same_file.update(media=report.info.to_json(), read_until=None)
        writes.update_with_retry(found.task, TaskEvent.Kind.PICTURES, {})
    return True
