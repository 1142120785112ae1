"""What runs beside the requests for as long as the server does."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from dashboard import notify
from dashboard.archive.archiver import ArchiverRunner
from dashboard.archive.gateway_source import new_archiver
from dashboard.cancellation import cancel_and_wait
from dashboard.live.hub import hub
from dashboard.polling.worker import PollerRunner
from dashboard.supervisor import supervise
from dashboard.upstream import client

Message = dict[str, Any]


class Lifespan:
    """The ASGI lifespan protocol: https://asgi.readthedocs.io/en/latest/specs/lifespan.html"""

    def __init__(self, poller: Callable[..., Awaitable[None]]) -> None:
        self._poller = poller
        self._polling: PollerRunner | None = None
        self._archiving: ArchiverRunner | None = None
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
        bell = notify.Notifier()
        notify.set_notifier(bell)
        await hub.start()
        self._spawn("notifier", bell.run)
        if settings.POLLER == "embedded":
            self._polling = PollerRunner(self._poller)
            self._polling.start()
            self._archiving = new_archiver()
            self._archiving.start()

    def _spawn(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._running.append(asyncio.create_task(supervise(name, work)))

    async def _stop(self) -> None:
        await hub.stop()
        if self._polling:
            await self._polling.stop()
        if self._archiving:
            await self._archiving.stop()
        await cancel_and_wait(*self._running)
        notify.set_notifier(None)
        await client.close_shared()
