"""Reads tasks and pollers from the database for the metrics. The cost is bounded, however often they are requested.

Uses its own thread, so that reading metrics from a database that hangs doesn't block the threads of the views.
"""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from dashboard.polling.models import PollerHeartbeat
from dashboard.tasks import states
from dashboard.tasks.models import Task
from dashboard.threads import ThreadPool

FRESH = 5.0  # seconds for which a snapshot is reused
PATIENCE = 2.0  # seconds to wait for the database


@dataclass(frozen=True, slots=True)
class Snapshot:
    tasks: dict[tuple[str, str], int]  # by status and condition
    lag: float  # seconds by which the most overdue poll is late
    pollers: list[PollerHeartbeat]  # those with a recent heartbeat
    at: datetime = field(default_factory=timezone.now)


def read() -> Snapshot:
    """Reads a snapshot with four queries. Counts finished tasks, which may be a million, from an index only."""
    now = timezone.now()
    alive = [*PollerHeartbeat.objects.alive(now).order_by("name")]
    return Snapshot(tasks=_active() | _ended(), lag=_lag(now), pollers=alive, at=now)


def _active() -> dict[tuple[str, str], int]:
    active = Task.objects.not_removed().active().order_by()
    grouped = active.values_list("status", "condition").annotate(number=Count("pk"))
    return {(status, condition): number for status, condition, number in grouped}


def _ended() -> dict[tuple[str, str], int]:
    counted = Task.objects.not_removed().counts()
    return {(status, ""): counted[status] for status in states.TERMINAL}


def _lag(now: datetime) -> float:
    due = Task.objects.due(now).submitted().values_list("next_poll_at", flat=True).first()
    return max(0.0, (now - due).total_seconds()) if due else 0.0


class Reader:
    """Provides the latest snapshot. Concurrent callers share one read of the database."""

    def __init__(self) -> None:
        self._threads = ThreadPool("metrics", releases_connections=True)
        self._under_way: asyncio.Task[Snapshot] | None = None
        self._latest: Snapshot | None = None
        self._good_until = 0.0

    async def latest(self) -> Snapshot | None:
        """Returns a fresh snapshot, or None if the database fails or doesn't respond in time."""
        if self._latest is not None and time.monotonic() < self._good_until:
            return self._latest
        done, _ = await asyncio.wait({self._join()}, timeout=PATIENCE)
        for one in done:
            if not one.cancelled() and one.exception() is None:
                self._latest, self._good_until = one.result(), time.monotonic() + FRESH
                return self._latest
        return None

    def _join(self) -> asyncio.Task[Snapshot]:
        running = self._under_way
        if running is None or running.done() or running.get_loop() is not asyncio.get_running_loop():
            running = self._under_way = asyncio.create_task(self._threads.run(read))
        return running


reader = Reader()
