"""Notifications: tell every process, after a commit, that something has changed. They carry no data.

A lost notification only causes a delay, because the hub and the poller also check every few seconds. So a channel layer
that is down never fails or delays a write.
"""

import asyncio
import logging
from contextlib import suppress

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction
from redis import asyncio as aioredis

from dashboard import failpoints

GROUP = "tasks"
CHANGED = "tasks.changed"
POLLER = "poller"
# Starts with the layer's prefix, because a Redis user may be limited to it, and the layer doesn't add it to our names.
POLLER_CHANNEL = "reelboard.poller"
WAKE = "poller.wake"
PING = "poller.ping"
SEND_TIMEOUT = 1.0  # seconds; without it, each send to a frozen Redis would take 5 s

logger = logging.getLogger(__name__)


class Notifier:
    """Sends notifications in the server's event loop, from any thread. The in-memory layer belongs to one loop."""

    def __init__(self) -> None:
        self.failures = 0
        self._loop = asyncio.get_running_loop()
        self._notified = asyncio.Event()
        self._is_changed = False
        self._is_woken = False

    def notify(self, *, changed: bool = False, wake: bool = False) -> None:
        # The loop may be closed during shutdown. The next process finds the change by itself.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._collect, changed, wake)

    def _collect(self, changed: bool, wake: bool) -> None:
        self._is_changed |= changed
        self._is_woken |= wake
        self._notified.set()

    async def run(self) -> None:
        """Never returns; cancel it."""
        while True:
            await self._notified.wait()
            self._notified.clear()
            changed, woken = self._is_changed, self._is_woken
            self._is_changed = self._is_woken = False
            if changed:
                await self._send(group=True, message={"type": CHANGED})
            if woken:
                await self._send(group=False, message={"type": WAKE})

    async def _send(self, group: bool, message: dict[str, object]) -> None:
        layer = get_channel_layer()
        assert layer is not None
        failpoints.hit("during_notification")
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await (layer.group_send(GROUP, message) if group else layer.send(POLLER_CHANNEL, message))
        except Exception as error:  # noqa: BLE001  # any failure of any layer: the regular looks make up for it
            self.failures += 1
            logger.warning("notification not delivered (%s): %s", type(error).__name__, message["type"])


_notifier: Notifier | None = None


def set_notifier(notifier: Notifier | None) -> None:
    """Sets this process's notifier; None removes it."""
    global _notifier
    _notifier = notifier


def failures() -> int:
    """Returns how many of this process's notifications were not delivered."""
    return _notifier.failures if _notifier else 0


async def check_sending() -> None:
    """Raises Redis's error if we may not send to the poller's channel."""
    layer = get_channel_layer()
    if settings.REDIS_URL and layer is not None:
        await layer.send(POLLER_CHANNEL, {"type": PING})


async def check_listening() -> None:
    """Raises Redis's error if we may not listen to the poller's channel. The layer itself would wait silently."""
    if not settings.REDIS_URL:
        return
    async with aioredis.Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as subscription:
        await subscription.subscribe(POLLER_CHANNEL)
        await subscription.get_message(timeout=SEND_TIMEOUT)


def tasks_changed() -> None:
    """Tells every hub, after the commit, that there are new events. Does nothing after a rollback."""
    transaction.on_commit(lambda: _notify(changed=True))


def wake_poller() -> None:
    """Tells the poller, after the commit, that something may be due."""
    transaction.on_commit(lambda: _notify(wake=True))


def _notify(*, changed: bool = False, wake: bool = False) -> None:
    failpoints.hit("before_notification")
    if _notifier is not None:
        _notifier.notify(changed=changed, wake=wake)
