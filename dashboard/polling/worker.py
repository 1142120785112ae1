"""The poller inside a process: beside the requests in the server, or alone under `runworker poller`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from channels.layers import get_channel_layer
from channels.routing import ChannelNameRouter
from channels.worker import Worker
from redis.exceptions import NoPermissionError

from dashboard import notify
from dashboard.cancellation import cancel_and_wait
from dashboard.polling.consumers import Poller
from dashboard.supervisor import supervise

WAKE_INTERVAL = 5.0  # seconds between two wake-ups that nobody asked for
LAYER_RETRY = 1.0  # seconds until a channel layer that failed is tried again
REFUSED_RETRY = 60.0  # seconds until a refused channel is tried again: somebody has to change a permission
Message = dict[str, str]
SCOPE = {"type": "channel", "channel": notify.POLLER_CHANNEL}

logger = logging.getLogger(__name__)


class PollerWorker(Worker):
    """Channels' worker for the poller's channel alone; unlike its model it leaves nothing running when cancelled."""

    async def handle(self) -> None:
        """Never returns; cancel it. A layer that is down costs wake-ups, not polls."""
        while True:
            try:
                await notify.check_listening()
                await self.listener(notify.POLLER_CHANNEL)
            except NoPermissionError:
                logger.error(
                    "Redis refuses the channel %s: new tasks are polled some seconds late", notify.POLLER_CHANNEL
                )
                await asyncio.sleep(REFUSED_RETRY)
            except Exception as error:  # noqa: BLE001  # whatever fails in the layer, waking goes on without it
                logger.warning("the poller hears no wake-ups (%s)", type(error).__name__)
                await self._forget_channel()
            await asyncio.sleep(LAYER_RETRY)

    async def _forget_channel(self) -> None:
        # The pub/sub layer remembers a channel that it could not subscribe to, and then waits on it for ever. A
        # cancelled wait is what makes it forget.
        with suppress(Exception):
            async with asyncio.timeout(0):
                await self.channel_layer.receive(notify.POLLER_CHANNEL)

    async def keep_awake(self) -> None:
        """Starts the consumer, again if it has died, and wakes it on a timer: not through the layer."""
        while True:
            self.send_message({"type": notify.WAKE})
            await asyncio.sleep(WAKE_INTERVAL)

    def send_message(self, message: Message) -> None:
        """Leaves a message for the consumer, which is made if there is none."""
        instance = self.get_or_create_application_instance
        messages: asyncio.Queue[Message] = instance(notify.POLLER_CHANNEL, SCOPE)  # type: ignore[no-untyped-call]  # untyped
        messages.put_nowait(message)

    async def close(self) -> None:
        """Ends the consumer and waits for it."""
        ending = [instance["future"] for instance in self.application_instances.values()]
        for future in ending:
            future.cancel()
        await asyncio.gather(*ending, return_exceptions=True)


class PollerRunner:
    """`start` returns at once; `stop` when claims have been released, within 5 s."""

    def __init__(self, poller: Callable[..., Awaitable[None]] | None = None) -> None:
        router = ChannelNameRouter({notify.POLLER_CHANNEL: poller or Poller.as_asgi()})
        layer = get_channel_layer()
        assert layer is not None
        self._worker = PollerWorker(router, [notify.POLLER_CHANNEL], layer)
        self._running: list[asyncio.Task[Any]] = []

    def start(self) -> None:
        checker: Callable[[], Awaitable[None]] = self._worker.application_checker
        work = {"listener": self._worker.handle, "checker": checker, "waker": self._worker.keep_awake}
        for name, run in work.items():
            self._running.append(asyncio.create_task(supervise(f"poller {name}", run)))

    def send_message(self, message: Message) -> None:
        self._worker.send_message(message)

    async def stop(self) -> None:
        await cancel_and_wait(*self._running)
        await self._worker.close()
