"""What the server needs to do its work; each check answers with words if it is not there, and in bounded time."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection
from django.utils import timezone

from dashboard import notify, supervisor
from dashboard.live.hub import SWEEP, hub
from dashboard.polling.models import PollerHeartbeat

PATIENCE = 2.0  # seconds for one check
STALE = 3 * SWEEP  # seconds without a sign of life


async def database() -> str:
    try:
        await sync_to_async(_ask)()
    except DatabaseError as error:
        return type(error).__name__
    return ""


def _ask() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


async def poller() -> str:
    """Some process polls: this one, or another."""
    lives = await sync_to_async(lambda: PollerHeartbeat.objects.alive(timezone.now()).exists())()
    return "" if lives else "none has shown a sign of life"


async def channel_layer() -> str:
    """A message of the hub to itself came back, not long ago, and the poller can be sent one."""
    if not hub.is_open:
        return "not started"
    words = _fresh(hub.listener.heard_at, "heard nothing")
    if not words:
        await notify.check_sending()
    return words


async def live() -> str:
    """The hub has looked at what changed, not long ago."""
    return _fresh(hub.read_at, "has not looked") if hub.is_open else "not started"


async def background() -> str:
    """None of this process's background tasks has failed and waits for its next start."""
    waiting = supervisor.down()
    return f"failed and waiting to start again: {', '.join(waiting)}" if waiting else ""


def _fresh(moment: float, words: str) -> str:
    age = time.monotonic() - moment
    return "" if age < STALE else f"{words} for {age:.0f} s"


CHECKS: dict[str, Callable[[], Awaitable[str]]] = {
    "database": database,
    "channel_layer": channel_layer,
    "live": live,
    "poller": poller,
    "background": background,
}


async def run() -> dict[str, str]:
    """Each check's name with "ok", or with what is wrong."""
    outcomes = await asyncio.gather(*(_bounded(check) for check in CHECKS.values()))
    return dict(zip(CHECKS, outcomes, strict=True))


async def _bounded(check: Callable[[], Awaitable[str]]) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check() or "ok"
    except TimeoutError:
        return f"no answer within {PATIENCE:.0f} s"
    except Exception as error:  # noqa: BLE001  # whatever a layer's client raises, the answer is "not ready"
        return type(error).__name__
