"""What the server needs to do its work; each check answers with words if it is not there, and in bounded time."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import DatabaseError, connection
from django.utils import timezone

from dashboard.live.hub import SWEEP, hub
from dashboard.polling.models import PollerBeat

PATIENCE = 2.0  # seconds for one check
STALE = 3 * SWEEP  # seconds without a look at the events


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
    lives = await sync_to_async(lambda: PollerBeat.objects.alive(timezone.now()).exists())()
    return "" if lives else "none has shown a sign of life"


async def channel_layer() -> str:
    """A message there and back."""
    layer = get_channel_layer()
    assert layer is not None
    channel = await layer.new_channel()
    receiving = asyncio.create_task(layer.receive(channel))
    try:
        await layer.send(channel, {"type": "health.round_trip"})
        await receiving
    finally:
        receiving.cancel()
    return ""


async def live() -> str:
    """The hub has looked at what changed, not long ago."""
    if not hub.is_open:
        return "not started"
    age = time.monotonic() - hub.looked_at
    return "" if age < STALE else f"has not looked for {age:.0f} s"


CHECKS: dict[str, Callable[[], Awaitable[str]]] = {
    "database": database,
    "channel_layer": channel_layer,
    "live": live,
    "poller": poller,
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
