"""The supervisor: starts jobs, logs and counts failures, and restarts failed jobs."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from dashboard.cancellation import cancel_and_wait

FIRST_WAIT = 2.0  # seconds until a failed job restarts; doubled after each further failure
LONGEST_WAIT = 60.0
STABLE_AFTER = 10.0  # seconds of uptime that reset a job's wait

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A supervised job. `run` is not expected to return.

    To end the job, the supervisor cancels it or, if there is a `stop`, calls that to make `run` return. After
    `stop_timeout` seconds, the job is canceled in any case.
    """

    name: str
    run: Callable[[], Awaitable[None]]
    is_essential: bool = False
    stop: Callable[[], None] | None = None
    stop_timeout: float = 0.0


@dataclass(slots=True)
class JobStatus:
    """The status of a job. `is_down` means that it has failed and is waiting to restart."""

    is_essential: bool
    is_down: bool = False
    crashes: int = 0


class Supervisor:
    """Runs the jobs until `stop`. `changed` is set whenever a job's status changes; whoever awaits it must clear it."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = tuple(jobs)
        self.status = {job.name: JobStatus(job.is_essential) for job in self._jobs}
        self.changed = asyncio.Event()
        self._stopping = asyncio.Event()
        self._running: list[tuple[Job, asyncio.Task[None]]] = []

    def start(self) -> None:
        self._running = [(job, asyncio.create_task(self._supervise(job))) for job in self._jobs]

    async def stop(self) -> None:
        """Stops the jobs in reverse order, so that jobs that others depend on stop last. Can be called repeatedly."""
        self._stopping.set()
        while self._running:
            await _end(*self._running.pop())

    async def _supervise(self, job: Job) -> None:
        wait = FIRST_WAIT
        while not self._stopping.is_set():
            began = time.monotonic()
            await self._run_once(job)
            if time.monotonic() - began >= STABLE_AFTER:
                wait = FIRST_WAIT
            if not self._stopping.is_set():
                await self._wait_for_restart(job, wait)
            wait = min(2 * wait, LONGEST_WAIT)

    async def _run_once(self, job: Job) -> None:
        try:
            await job.run()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            logger.error("job %r was cancelled from within", job.name)
        except Exception:
            logger.exception("job %r failed", job.name)
        else:
            if not self._stopping.is_set():
                logger.error("job %r ended", job.name)

    async def _wait_for_restart(self, job: Job, seconds: float) -> None:
        logger.warning("job %r starts again in %.0f s", job.name, seconds)
        status = self.status[job.name]
        status.crashes += 1
        self._set_down(status, True)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._stopping.wait()
        finally:
            self._set_down(status, False)

    def _set_down(self, status: JobStatus, is_down: bool) -> None:
        status.is_down = is_down
        self.changed.set()


async def _end(job: Job, task: "asyncio.Task[None]") -> None:
    if job.stop is None:
        task.cancel()
    else:
        job.stop()
    if job.stop_timeout:
        await asyncio.wait([task], timeout=job.stop_timeout)
    await cancel_and_wait(task)
