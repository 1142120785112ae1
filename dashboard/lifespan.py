"""What runs beside the requests for as long as the server does."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from channels.layers import get_channel_layer
from channels.routing import ChannelNameRouter
from channels.worker import Worker
from django.conf import settings

from dashboard import events
from dashboard.live.hub import hub
from dashboard.upstream import client

Message = dict[str, Any]
LOOK_EVERY = 5.0  # seconds between two looks of the poller that nobody asked for

logger = logging.getLogger(__name__)


async def keep_poller_awake() -> None:
    """Starts the poller and makes it look again: a wake-up that was lost costs at most this long."""
    layer = get_channel_layer()
    assert layer is not None
    while True:
        try:
            async with asyncio.timeout(events.SEND_TIMEOUT):
                await layer.send(events.POLLER, {"type": events.WAKE})
        except Exception as error:  # noqa: BLE001  # whatever fails in the layer, the next look is due in 5 s
            logger.warning("poller not woken (%s)", type(error).__name__)
        await asyncio.sleep(LOOK_EVERY)


class Lifespan:
    """The ASGI lifespan protocol: https://asgi.readthedocs.io/en/latest/specs/lifespan.html"""

    def __init__(self, poller: Callable[..., Awaitable[None]]) -> None:
        self._poller = poller
        self._running: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _start(self) -> None:
        bell = events.Bell()
        events.hang(bell)
        await hub.start()
        self._spawn(bell.run())
        if settings.POLLER == "embedded":
            worker = Worker(ChannelNameRouter({events.POLLER: self._poller}), [events.POLLER], get_channel_layer())
            self._spawn(worker.handle())
            self._spawn(keep_poller_awake())

    def _spawn(self, work: Any) -> None:
        self._running.append(asyncio.create_task(work))

    async def _stop(self) -> None:
        await hub.stop()
        for task in self._running:
            task.cancel()
        for task in self._running:
            with suppress(asyncio.CancelledError):
                await task
        events.hang(None)
        await client.shared().aclose()
