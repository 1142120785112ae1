"""The poll loop: claims due tasks, polls them, passes the results to the writer, sleeps until the next task is due.

The schedule is in the database only, so any number of loops may run, and any may die at any point: the tasks it had
claimed are due again when its leases expire.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone

from dashboard.polling import leases, write_back
from dashboard.polling.batch_writer import BatchWriter
from dashboard.polling.leases import ClaimResult
from dashboard.polling.limiter import PollLimiter
from dashboard.polling.metrics import PollerMetrics, poller_metrics
from dashboard.polling.polls import Poll, SecretCache, poll_task
from dashboard.polling.schedule import PollConfig
from dashboard.tasks import states, suspension
from dashboard.tasks.models import Task
from dashboard.threads import ThreadPool
from dashboard.upstream.client import Client
from dashboard.upstream.errors import Misconfigured, UpstreamError

LIMIT = 256  # polls under way in one process
WORTHWHILE = LIMIT // 4  # free slots that justify another claim right away when more tasks are due than fit
LONGEST_SLEEP = 1.0  # seconds: the longest delay if a wake-up is lost
SHORTEST_SLEEP = 0.02  # seconds; tasks that become due within it are claimed together
CROWDED_SLEEP = 0.05
CLOCK_JUMP = 2.0  # seconds
MIN_LEASE_SHARE = 2 / 3  # of a lease: must be left when a poll starts
RENEWED_SHARE = 1 / 3  # of a lease: renewed when less is left
SHUTDOWN_TIMEOUT = 2.0  # seconds for writing results when the loop is stopped
DATABASE_RETRY = 0.5  # seconds until a failed database is tried again

logger = logging.getLogger(__name__)


def poll_config() -> PollConfig:
    return PollConfig(settings.POLL_EVERY, settings.POLL_DEADLINE, settings.POLL_DEADLINES)


class PollLoop:
    """The loop. Runs once, in the event loop that `gateway` belongs to."""

    def __init__(
        self,
        gateway: Client,
        *,
        config: PollConfig | None = None,
        now: Callable[[], datetime] = timezone.now,
        rng: Random | None = None,
        poll_metrics: PollerMetrics = poller_metrics,
    ) -> None:
        self._gateway = gateway
        self._config = config or poll_config()
        self._now = now
        self._rng = rng or Random()  # noqa: S311  # jitter is no secret
        self._metrics = poll_metrics
        self._limiter = PollLimiter(LIMIT, self._rng)
        self._secrets = SecretCache()
        self._in_flight: dict[UUID, tuple[Task, asyncio.Task[None]]] = {}
        self._background: set[asyncio.Task[object]] = set()
        self._claims = ThreadPool("poller-claims")
        self._writes = ThreadPool("poller-writes")
        self._writer = BatchWriter[Poll](self._write, self._on_written)
        self._woken = asyncio.Event()
        self._keys_may_have_changed = True
        self._stopping = False
        self._asleep_until = 0.0
        self._clocks = (time.monotonic(), now())

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    def wake(self) -> None:
        """Wakes the loop: a task may have become due, or a key usable or unusable."""
        self._keys_may_have_changed = True
        self._woken.set()

    def stop(self) -> None:
        """Makes `run` return soon."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Runs until `stop` is called. Raises only if there is a bug. Always releases its leases."""
        writing = asyncio.create_task(self._writer.run())
        try:
            while not self._stopping:
                await self._claim_and_launch()
                if writing.done():
                    writing.result()
        finally:
            await self._shut_down(writing)

    async def _claim_and_launch(self) -> None:
        self._woken.clear()
        self._asleep_until = float("inf")
        try:
            await self._before_claim()
            capacity, lease = self._limiter.capacity(self.in_flight), timedelta(seconds=self._config.lease)
            result = await self._claims.run(leases.claim_due, capacity, self._now(), lease)
        except DatabaseError as error:
            logger.warning("database out of order, trying again: %s", error)
            await asyncio.sleep(DATABASE_RETRY)
            return
        in_time = [task for task in result.claimed if self._is_in_time(task)]
        if len(in_time) < len(result.claimed):
            await self._release_late_claims([task for task in result.claimed if task not in in_time])
        self._limiter.record_sent(len(in_time))
        for task in in_time:
            self._launch(task)
        await self._rest(self._pause(result, capacity))

    def _is_in_time(self, task: Task) -> bool:
        """Returns whether enough of the lease is left for a whole poll.

        If the claim had to wait for a lock, or this process was suspended, another poller may soon claim the task.
        """
        assert task.lease_until is not None
        # guard: late-claim-is-not-polled
        return (task.lease_until - self._now()).total_seconds() >= self._config.lease * MIN_LEASE_SHARE

    async def _release_late_claims(self, tasks: list[Task]) -> None:
        logger.warning("%d claims took too long, trying again", len(tasks))
        with suppress(DatabaseError):  # they expire
            await self._claims.run(leases.release, tasks, self._now())

    async def _renew_long_polls(self) -> None:
        now, lease = self._now(), timedelta(seconds=self._config.lease)
        ending = now + lease * RENEWED_SHARE
        long = [task for task, _ in self._in_flight.values() if task.lease_until and now < task.lease_until < ending]
        if long:
            await self._claims.run(leases.renew, long, now + lease)

    async def _before_claim(self) -> None:
        await self._renew_long_polls()
        if self._clock_went_back():
            logger.warning("the clock went back: every poll is brought forward")
            await self._claims.run(leases.repair_schedule, self._now(), clock_went_back=True)
        if self._keys_may_have_changed:
            self._keys_may_have_changed = False
            await self._claims.run(suspension.reconcile_with_keys, self._now())
        if self._limiter.has_recovered:
            self._limiter.begin_slow_start(await self._claims.run(Task.objects.scheduled().count))

    def _clock_went_back(self) -> bool:
        monotonic, wall = self._clocks
        self._clocks = (time.monotonic(), self._now())
        return (self._clocks[1] - wall).total_seconds() < self._clocks[0] - monotonic - CLOCK_JUMP

    def _pause(self, result: ClaimResult, capacity: int) -> float:
        """Returns how many seconds to sleep unless woken."""
        if self._limiter.capacity(self.in_flight) == 0:
            return min(LONGEST_SLEEP, max(SHORTEST_SLEEP, self._limiter.wait()))
        if result.claimed and len(result.claimed) == capacity:
            free = LIMIT - self.in_flight
            return SHORTEST_SLEEP if free >= WORTHWHILE else CROWDED_SLEEP
        if result.next_at is None:
            return LONGEST_SLEEP
        return min(LONGEST_SLEEP, max(SHORTEST_SLEEP, (result.next_at - self._now()).total_seconds()))

    async def _rest(self, seconds: float) -> None:
        self._asleep_until = asyncio.get_running_loop().time() + seconds
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._asleep_until):
                await self._woken.wait()

    def _launch(self, task: Task) -> None:
        if task.next_poll_at:
            self._metrics.late.append((self._now() - task.next_poll_at).total_seconds())
        earlier = self._in_flight.pop(task.pk, None)
        if earlier:  # its lease expired while we were suspended, so its result wouldn't be written
            earlier[1].cancel()
        self._in_flight[task.pk] = (task, asyncio.create_task(self._poll(task)))

    async def _poll(self, task: Task) -> None:
        if not self._is_in_time(task):
            del self._in_flight[task.pk]
            return
        begun = time.monotonic()
        poll = await poll_task(self._gateway, task, self._secrets, self._now)
        self._metrics.count_result(poll.error)
        if self._limiter.record_result(poll, begun):
            self._run_in_background(self._mark_gateway_condition(poll.error))
        if self._limiter.has_recovered:
            self._woken.set()
        self._writer.put(poll)

    async def _mark_gateway_condition(self, error: Exception | None) -> None:
        condition = states.MISCONFIGURED if isinstance(error, Misconfigured) else states.UNREACHABLE
        message = error.message if isinstance(error, UpstreamError) else ""
        logger.warning("gateway %s: %s", condition, message)
        with suppress(DatabaseError):  # the failures of each task set its condition a little later
            await self._writes.run(suspension.mark_gateway_condition, condition, self._now(), message)

    def _run_in_background(self, work: Coroutine[object, object, None]) -> None:
        task: asyncio.Task[object] = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _write(self, batch: list[Poll]) -> None:
        stats = await self._writes.run(write_back.write_back, batch, self._config, self._now(), self._rng)
        self._metrics.changed += stats.changed
        self._metrics.dropped += stats.dropped
        if stats.next_at is not None:
            self._wake_by(stats.next_at)

    def _wake_by(self, moment: datetime) -> None:
        """Wakes the loop by `moment`: a task just written may be due before those known when the loop went to sleep."""
        loop = asyncio.get_running_loop()
        at = loop.time() + max(SHORTEST_SLEEP, (moment - self._now()).total_seconds())
        if at < self._asleep_until:
            self._asleep_until = at
            loop.call_at(at, self._woken.set)

    def _on_written(self, batch: list[Poll]) -> None:
        was_full = self._limiter.capacity(self.in_flight) == 0
        for poll in batch:
            if self._in_flight.get(poll.task.pk, (None,))[0] is poll.task:
                del self._in_flight[poll.task.pk]
        if was_full or not self._in_flight:
            self._woken.set()

    async def _shut_down(self, writing: asyncio.Task[None]) -> None:
        """Cancels polls, writes available results, releases the other claims."""
        polls = [flight for _, flight in self._in_flight.values()]
        for task in (writing, *polls, *self._background):
            task.cancel()
        await asyncio.gather(writing, *polls, *self._background, return_exceptions=True)
        try:
            async with asyncio.timeout(SHUTDOWN_TIMEOUT):
                await self._writer.drain()
                held = [task for task, _ in self._in_flight.values()]
                await self._writes.run(leases.release, held, self._now())
        except (TimeoutError, DatabaseError) as error:
            logger.warning("claims not released, they expire (%s)", type(error).__name__)
        await self._claims.close()
        await self._writes.close()
