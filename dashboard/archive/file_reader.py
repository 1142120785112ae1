"""Reads the facts and pictures of copied videos, each in a process of its own, until it is canceled.

What a file does to its reader costs that one video its pictures: a crash, a limit or a timeout is stored as the reason
and logged once, and the file isn't read again until it is replaced. A server that stops in between leaves a claim,
which expires.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import Error as DatabaseError
from django.utils import timezone

from dashboard.database import write_transaction
from dashboard.tasks import writes
from dashboard.tasks.media_info import MediaInfo
from dashboard.tasks.models import TaskEvent, Video
from dashboard.threads import ThreadPool
from dashboard.videos import access, files, media_reader
from dashboard.videos.files import PictureKind

TIMEOUT: Final = 60.0  # seconds for one file
OUTPUT_LIMIT: Final = 200_000  # bytes
CLAIM: Final = timedelta(seconds=90)  # longer than TIMEOUT
LOOK_EVERY: Final = 1.0  # seconds
OUT_OF_ORDER: Final = 5.0  # seconds until a failed database or disk is tried again
# `-I`: no variable and no folder of ours reaches it.
COMMAND: Final = (sys.executable, "-I", str(Path(media_reader.__file__).resolve()))

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileReport:
    """What a reader sent: facts, and pictures, which are empty if there are none."""

    info: MediaInfo
    pictures: dict[PictureKind, bytes]


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
            report = await read_file(descriptor)
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


async def read_file(descriptor: int, *, timeout: float = TIMEOUT) -> FileReport:
    """Reads an open video file, in another process. Never raises for what is in the file."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        stdin=descriptor,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
        cwd="/",
    )
    try:
        async with asyncio.timeout(timeout):
            assert process.stdout is not None
            output = bytearray()
            while chunk := await process.stdout.read(65_536):
                output += chunk
                if len(output) > OUTPUT_LIMIT:
                    return _failure("its reader sent too much")
            status = await process.wait()
    except TimeoutError:
        return _failure(f"it took longer than {timeout:.0f} seconds to read")
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return _report(bytes(output)) if status == 0 else _failure(f"its reader ended with status {status}")


def _failure(problem: str) -> FileReport:
    return FileReport(MediaInfo(error=problem), {})


def _report(output: bytes) -> FileReport:
    """Checks the output: a hostile file may have taken over its reader."""
    head, _, pictures = output.partition(b"\n")
    try:
        info = MediaInfo.from_json(json.loads(head))
    except (ValueError, RecursionError):
        return _failure("its reader sent no report")
    poster, storyboard = pictures[: info.poster_size or 0], pictures[info.poster_size or 0 :]
    if (len(poster), len(storyboard)) != (info.poster_size or 0, info.storyboard_size or 0):
        return _failure("its reader sent an incomplete report")
    if not all(is_webp(picture) for picture in (poster, storyboard) if picture):
        return _failure("its reader sent something that isn't a picture")
    if not poster and not info.error:
        info = replace(info, error="it has no pictures")
    return FileReport(info, {"poster": poster, "storyboard": storyboard})


def is_webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP" and len(content) >= 16


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
