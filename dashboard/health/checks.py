"""Readiness checks. Each one finishes in bounded time and describes the problem, if any."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection
from django.utils import timezone

from dashboard import notify
from dashboard.health import job_reports
from dashboard.live.hub import SWEEP, hub
from dashboard.polling.models import PollerHeartbeat
from dashboard.runtime import process

CHECK_TIMEOUT = 2.0  # seconds
STALE_AFTER = 3 * SWEEP  # seconds


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check. `problem` is empty if all is well. With `only_degrades`, the server stays ready."""

    problem: str = ""
    only_degrades: bool = False


@dataclass(frozen=True, slots=True)
class Readiness:
    """The overall status. `checks` maps each check's name to "ok" or its problem."""

    status: str  # "ok", "degraded" or "not ready"
    checks: dict[str, str]

    @property
    def is_ready(self) -> bool:
        return self.status != "not ready"


async def database() -> Finding:
    try:
        await sync_to_async(_ask)()
    except DatabaseError as error:
        return Finding(type(error).__name__)
    return Finding()


def _ask() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


async def poller() -> Finding:
    """Checks that at least one poller is alive, and that the other pollers' jobs are running."""
    alive = await sync_to_async(lambda: [*PollerHeartbeat.objects.alive(timezone.now()).order_by("name")])()
    if not alive:
        return Finding("none has shown a sign of life")
    down = {one.name: job_reports.down(job_reports.of_poller(one)) for one in job_reports.others(alive)}
    impaired = [name for name, jobs in down.items() if any(jobs.values())]
    words = "; ".join(f"{name}: {_failed(jobs)}" for name, jobs in down.items() if jobs)
    return Finding(words, only_degrades=len(impaired) < len(alive))


async def channel_layer() -> Finding:
    """Checks that the hub recently received its own test message, and that notifications can be sent to the poller."""
    if not hub.is_open:
        return Finding("not started")
    problem = _stale(hub.listener.heard_at, "heard nothing")
    if not problem:
        await notify.check_sending()
    return Finding(problem)


async def live() -> Finding:
    """Checks that the hub has read new events recently."""
    return Finding(_stale(hub.read_at, "has not looked") if hub.is_open else "not started")


async def jobs() -> Finding:
    """Checks that none of this process's jobs has failed and is waiting to restart."""
    running = process.current()
    down = job_reports.down(running.report()) if running else {}
    return Finding(_failed(down) if down else "", only_degrades=not any(down.values()))


def _failed(names: dict[str, bool]) -> str:
    return f"failed and waiting to start again: {', '.join(names)}"


def _stale(moment: float, words: str) -> str:
    age = time.monotonic() - moment
    return "" if age < STALE_AFTER else f"{words} for {age:.0f} s"


CHECKS: dict[str, Callable[[], Awaitable[Finding]]] = {
    "database": database,
    "channel_layer": channel_layer,
    "live": live,
    "poller": poller,
    "jobs": jobs,
}


async def run() -> Readiness:
    found = await asyncio.gather(*(_bounded(check) for check in CHECKS.values()))
    problems = [finding for finding in found if finding.problem]
    status = "ok" if not problems else "degraded" if all(one.only_degrades for one in problems) else "not ready"
    return Readiness(status, {name: one.problem or "ok" for name, one in zip(CHECKS, found, strict=True)})


async def _bounded(check: Callable[[], Awaitable[Finding]]) -> Finding:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            return await check()
    except TimeoutError:
        return Finding(f"no answer within {CHECK_TIMEOUT:.0f} s")
    except Exception as error:  # noqa: BLE001  # whatever a layer's client raises, the answer is "not ready"
        return Finding(type(error).__name__)
