"""The poller as a Channels consumer: any message on its channel wakes the loop, the first one starts it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from channels.consumer import AsyncConsumer
from django.conf import settings

from dashboard import notify
from dashboard.polling.loop import PollLoop
from dashboard.polling.metrics import poller_metrics
from dashboard.supervisor import supervise
from dashboard.upstream.client import Client

STOPPING = 4.0  # seconds: then the loop is cut off, and its leases end by themselves

logger = logging.getLogger(__name__)


class Poller(AsyncConsumer):
    """Messages are dispatched one after the other, so a handler only ever leaves a note for the loop beside it."""

    # It is spoken to through the worker alone. A channel of its own would end it whenever the layer is down.
    channel_layer_alias = "none"

    def __init__(self) -> None:
        self._loop: PollLoop | None = None
        self._running: asyncio.Task[None] | None = None
        self._stopped = asyncio.Event()

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._stop()

    async def dispatch(self, message: Any) -> None:
        """Without the base class's hop through a thread that closes connections: there are none here."""
        if message["type"] == "poller.wake":
            await self.poller_wake(message)
        elif message["type"] != notify.PING:
            logger.warning("the poller does not know the message %r", message["type"])

    async def poller_wake(self, message: Any) -> None:
        if self._running is None:
            self._running = asyncio.create_task(supervise("poll loop", self._run_loop, self._stopped))
        elif self._loop is not None:
            self._loop.wake()

    async def _run_loop(self) -> None:
        try:
            gateway = Client(settings.AMUX_BASE_URL, allowed_private_hosts=settings.ALLOWED_PRIVATE_HOSTS)
            try:
                self._loop = PollLoop(gateway)
                await self._loop.run()
            finally:
                await gateway.aclose()
        except Exception:
            poller_metrics.crashes += 1
            raise

    async def _stop(self) -> None:
        self._stopped.set()
        if self._running is None:
            return
        if self._loop is not None:
            self._loop.stop()
        await asyncio.wait([self._running], timeout=STOPPING)
        self._running.cancel()
