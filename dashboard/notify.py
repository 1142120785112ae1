"""The doorbell: after a commit, tells every process that something changed. It carries ids and never data.

A message that is lost costs nothing but time: the hub and the poller look again by themselves every few seconds.
So a layer that is down never fails, and never delays, the write that rang.
"""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction
from redis import asyncio as aioredis

from dashboard import failpoints

GROUP = "tasks"
CHANGED = "tasks.changed"
POLLER = "poller"
# The layer puts its prefix before all channels but those that we name, and a user of Redis may be limited to it.
POLLER_CHANNEL = "reelboard.poller"
WAKE = "poller.wake"
PING = "poller.ping"
SEND_TIMEOUT = 1.0  # seconds; a frozen Redis would hold each send for 5
MOST_IDS = 1_000  # in one message; the hub reads from its cursor anyway

logger = logging.getLogger(__name__)


class Notifier:
    """Sends from the server's own loop, whichever thread rings: the in-memory layer belongs to one loop."""

    def __init__(self) -> None:
        self.failures = 0
        self._loop = asyncio.get_running_loop()
        self._notified = asyncio.Event()
        self._ids: set[int] = set()
        self._wake = False

    def notify(self, ids: Iterable[int], wake: bool) -> None:
        with suppress(
            RuntimeError
        ):  # the loop has closed: the server is going down, and the sweep of the next one sees it
            self._loop.call_soon_threadsafe(self._collect, tuple(ids), wake)

    def _collect(self, ids: tuple[int, ...], wake: bool) -> None:
        self._ids.update(ids)
        self._wake = self._wake or wake
        self._notified.set()

    async def run(self) -> None:
        """Never returns; cancel it."""
        while True:
            await self._notified.wait()
            self._notified.clear()
            ids, wake = sorted(self._ids)[-MOST_IDS:], self._wake
            self._ids.clear()
            self._wake = False
            if ids:
                await self._send(group=True, message={"type": CHANGED, "ids": ids})
            if wake:
                await self._send(group=False, message={"type": WAKE})

    async def _send(self, group: bool, message: dict[str, object]) -> None:
        layer = get_channel_layer()
        assert layer is not None
        failpoints.hit("during_doorbell")
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await (layer.group_send(GROUP, message) if group else layer.send(POLLER_CHANNEL, message))
        except Exception as error:  # noqa: BLE001  # any failure of any layer: the sweep repairs it
            self.failures += 1
            logger.warning("doorbell not delivered (%s): %s", type(error).__name__, message["type"])


_notifier: Notifier | None = None


def set_notifier(bell: Notifier | None) -> None:
    """Makes `bell` this process's doorbell; None takes it down."""
    global _notifier
    _notifier = bell


def failures() -> int:
    """Doorbells of this process that were not delivered."""
    return _notifier.failures if _notifier else 0


async def check_sending() -> None:
    """Raises what Redis answers, where the poller's channel is refused to us."""
    layer = get_channel_layer()
    if settings.REDIS_URL and layer is not None:
        await layer.send(POLLER_CHANNEL, {"type": PING})


async def check_listening() -> None:
    """Raises what Redis answers, where the poller's channel is refused to us: the layer would wait in silence."""
    if not settings.REDIS_URL:
        return
    async with aioredis.Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as subscription:
        await subscription.subscribe(POLLER_CHANNEL)
        await subscription.get_message(timeout=SEND_TIMEOUT)


def tasks_changed(ids: Iterable[int]) -> None:
    """Event ids that are being committed. Rings after the commit, and not at all after a rollback."""
    rung = tuple(ids)
    transaction.on_commit(lambda: _notify(rung, wake=False))


def wake_poller() -> None:
    """Tells the poller, after the commit, that something may be due."""
    transaction.on_commit(lambda: _notify((), wake=True))


def _notify(ids: tuple[int, ...], wake: bool) -> None:
    failpoints.hit("before_doorbell")
    if _notifier is not None:
        _notifier.notify(ids, wake)
