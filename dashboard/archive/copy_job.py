"""Copies one claimed video from the gateway to the disk.

    draft, locked --- fsync ---> row: size, sum --- rename, under the row's lock ---> fsync ---> row and task: kept

An archiver that dies in between leaves a claim, which expires, and either an incomplete draft, which is cleaned up, or
a complete file whose checksum is in the row, which is used without requesting the video again.
"""

import asyncio
import errno
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing, suppress
from datetime import datetime
from random import Random

from django.db import Error as DatabaseError
from django.utils.translation import gettext_noop

from dashboard import failpoints
from dashboard.archive import claims, retry_policy, store
from dashboard.archive.retry_policy import Failure
from dashboard.archive.source_video import Fetch, FetchFailed, SourceVideo
from dashboard.archive.store import LeaseLost, NoRoom
from dashboard.tasks import stored_texts
from dashboard.tasks.models import Video
from dashboard.threads import ThreadPool
from dashboard.videos import files
from dashboard.videos.files import PartialFile

BATCH = 512 * 1024  # bytes per write
STEP = 64 * 1024 * 1024  # bytes between checks of the free space, for videos of unknown size
FULL = {errno.ENOSPC, errno.EDQUOT}

logger = logging.getLogger(__name__)


class CopyJob:
    """Copies one video. Call `run` once. Disk access is serialized in one thread, even if the job is canceled."""

    def __init__(
        self, video: Video, fetch: Fetch, database: ThreadPool, now: Callable[[], datetime], rng: Random
    ) -> None:
        self._video = video
        self._fetch = fetch
        self._database = database.run
        self._now = now
        self._rng = rng
        self._disk = ThreadPool("archive-disk")

    async def run(self) -> None:
        """Runs the job. Never raises except when canceled, so that no video can affect others."""
        renewing = asyncio.create_task(self._renew(asyncio.current_task()))
        try:
            await self._copy_video()
        except LeaseLost:
            logger.info("%s: somebody else has it, or the task was deleted", self._video)
        except DatabaseError as error:
            logger.warning("%s: put off until its claim ends: %s", self._video, error)
        except Exception:
            logger.exception("%s could not be kept", self._video)
            await self._failed(Failure(gettext_noop("Something went wrong here; the log says what.")))
        finally:
            renewing.cancel()
            self._disk.stop(finish_queued=True)

    async def _renew(self, worker: asyncio.Task[object] | None) -> None:
        while True:
            await asyncio.sleep(claims.RENEW_EVERY)
            with suppress(DatabaseError):
                if not await self._database(claims.renew, self._video, self._now()) and worker is not None:
                    worker.cancel()

    async def _copy_video(self) -> None:
        if await self._use_existing_file():
            return
        if self._video.kept_at is not None:
            logger.warning("%s: our copy is damaged, missing or out of date", self._video)
            await self._database(store.mark_missing, self._video)
        try:
            await self._fetch_whole()
        except FetchFailed as error:
            if not (error.failure.is_gone and await self._use_existing_file(force=True)):
                await self._failed(error.failure)
        except NoRoom as error:
            await self._failed(Failure(str(error), is_full=True))
        except OSError as error:
            await self._failed(
                Failure(stored_texts.DISK_ERROR % {"error": error.strerror}, is_full=error.errno in FULL)
            )

    async def _use_existing_file(self, *, force: bool = False) -> bool:
        """Uses an existing complete file if it matches the metadata or `force` is set. Returns whether it did."""
        video = self._video
        if not video.file_sha256:
            return False
        path = await self._disk.run(files.find_whole, video.pk, video.file_size or 0, video.file_sha256)
        if path is None:
            return False
        if path != files.path_of(video.pk):
            await self._database(store.place, video, path)
        await self._disk.run(files.sync_folder, video.pk)
        return await self._database(store.mark_kept, video, self._now(), force=force)

    async def _fetch_whole(self) -> None:
        assert self._video.lease_token is not None
        await self._reserve(self._video.file_size or 1)
        draft = PartialFile(self._video.pk, self._video.lease_token)
        leave = False
        try:
            async with AsyncExitStack() as stack:
                incoming = await self._fetch(stack, self._video)
                await self._reserve(incoming.declared_size or 1)
                await self._disk.run(draft.begin)
                await self._write(incoming, draft)
            await self._record_whole(incoming, draft)
            leave = True
            await self._put_in_place(draft)
            leave = False
        except LeaseLost:
            leave = False
            raise
        finally:
            self._disk.submit(draft.close, leave=leave)

    async def _reserve(self, size: int) -> None:
        missing = size - await self._disk.run(files.room_on_disk)
        if missing > 0 and missing > await self._database(store.evict_removed, self._video, missing):
            raise NoRoom(gettext_noop("The disk is full."))
        await self._database(store.reserve, self._video, size)

    async def _write(self, incoming: SourceVideo, draft: PartialFile) -> None:
        pieces: list[bytes] = []
        gathered, step = 0, STEP
        async with aclosing(incoming.chunks) as chunks:
            async for chunk in chunks:
                pieces.append(chunk)
                gathered += len(chunk)
                if gathered < BATCH:
                    continue
                await self._disk.run(draft.write, pieces)
                failpoints.hit("archive_temp_half")
                pieces, gathered = [], 0
                if incoming.declared_size is None and draft.size >= step:
                    step += STEP
                    await self._reserve(step)
        await self._disk.run(draft.write, pieces)
        if incoming.declared_size not in (None, draft.size):
            values = {"received": f"{draft.size:,}", "length": f"{incoming.declared_size:,}"}
            raise FetchFailed(Failure(stored_texts.CUT_SHORT % values))

    async def _record_whole(self, incoming: SourceVideo, draft: PartialFile) -> None:
        sha256 = await self._disk.run(draft.flush_to_disk)
        etag = await self._database(incoming.save_etag, draft.size)
        await self._database(store.record_whole, self._video, draft.size, sha256, incoming.media_type, etag)
        failpoints.hit("archive_before_rename")

    async def _put_in_place(self, draft: PartialFile) -> None:
        await self._database(store.place, self._video, draft.path)
        failpoints.hit("archive_after_rename")
        await self._disk.run(files.sync_folder, self._video.pk)
        if not await self._database(store.mark_kept, self._video, self._now()):
            raise FetchFailed(Failure(gettext_noop("The video changed while it was being fetched.")))
        logger.info("%s is kept here (%d bytes)", self._video, draft.size)

    async def _failed(self, failure: Failure) -> None:
        def decide_retry(tries: int, finished_at: datetime) -> retry_policy.RetryDecision:
            return retry_policy.next_attempt(failure, tries, finished_at, self._now(), self._rng)

        with suppress(LeaseLost, DatabaseError):
            decision = await self._database(store.fail, self._video, failure.message, decide_retry, self._now())
            if decision and decision.next_try_at is None:
                logger.error("%s is given up: %s", self._video, failure.message)
