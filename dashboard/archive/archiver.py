"""The archiver: looks for videos to copy, and for copies to remove, until it is canceled.

The work to do is in the database only, so any number of archivers may run, and any may die at any point.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from random import Random

from django.db import Error as DatabaseError
from django.utils import timezone

from dashboard.archive import claims, cleanup
from dashboard.archive.copy_job import CopyJob
from dashboard.archive.source_video import Fetch
from dashboard.tasks.models import Video
from dashboard.threads import ThreadPool

MAX_CONCURRENT = 2  # downloads at once per process, which must not slow down the poller in it
LOOK_EVERY = 1.0  # seconds
SWEEP_EVERY = 3600.0
OUT_OF_ORDER = 5.0  # seconds until a failed database or disk is tried again

logger = logging.getLogger(__name__)


class Archiver:
    """The archiver. If `fetch` is None, it copies nothing, but still removes the copies of deleted tasks."""

    def __init__(self, fetch: Fetch | None, *, now: Callable[[], datetime] = timezone.now) -> None:
        self._fetch = fetch
        self._now = now
        self._rng = Random()  # noqa: S311  # jitter is no secret
        self._database = ThreadPool("archive-database")
        self._jobs: dict[asyncio.Task[None], Video] = {}
        self._sweep_at = 0.0

    async def run(self) -> None:
        """Runs until canceled, then releases its claims."""
        try:
            while True:
                try:
                    await self._run_once()
                except (DatabaseError, OSError) as error:
                    logger.warning("archive out of order, trying again: %s", error)
                    await asyncio.sleep(OUT_OF_ORDER)
                await self._rest()
        finally:
            await self._shut_down()

    async def _run_once(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() >= self._sweep_at:
            await self._database.run(cleanup.remove_partials)
            self._sweep_at = loop.time() + SWEEP_EVERY
        await self._database.run(cleanup.remove_deleted)
        if self._fetch is None:
            return
        for video in await self._database.run(claims.claim_due, MAX_CONCURRENT - len(self._jobs), self._now()):
            job = CopyJob(video, self._fetch, self._database, self._now, self._rng)
            self._jobs[asyncio.create_task(job.run())] = video

    async def _rest(self) -> None:
        """Waits until it is time to look again, or until a job has finished."""
        if not self._jobs:
            await asyncio.sleep(LOOK_EVERY)
            return
        done, _ = await asyncio.wait(self._jobs, timeout=LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)
        for job in done:
            del self._jobs[job]

    async def _shut_down(self) -> None:
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        with suppress(DatabaseError):
            await self._database.run(claims.release, [*self._jobs.values()])
        await self._database.close()
