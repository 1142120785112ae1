"""The Channels worker for the poller's channel: passes messages on to the consumer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from channels.layers import get_channel_layer
from channels.routing import ChannelNameRouter
from channels.worker import Worker
from redis.exceptions import NoPermissionError

from dashboard import notify
from dashboard.polling import consumers
from dashboard.polling.poller import Poller

WAKE_INTERVAL = 5.0  # seconds between unsolicited wake-ups
LAYER_RETRY = 1.0  # seconds until a failed channel layer is tried again
REFUSED_RETRY = 60.0  # seconds until a refused channel is tried again: a permission has to be changed first
Message = dict[str, str]
SCOPE = {"type": "channel", "channel": notify.POLLER_CHANNEL}

logger = logging.getLogger(__name__)


class PollerWorker(Worker):
    """A worker for one channel. Unlike the base class, it leaves nothing running when it is canceled."""

    @classmethod
    def for_poller(cls, poller: Poller) -> "PollerWorker":
        router = ChannelNameRouter({notify.POLLER_CHANNEL: consumers.application(poller)})
        layer = get_channel_layer()
        assert layer is not None
        return cls(router, [notify.POLLER_CHANNEL], layer)

    async def handle(self) -> None:
        """Runs until canceled. While the layer is down, wake-ups are lost, but polls continue."""
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
        # The pub/sub layer remembers a channel that it failed to subscribe to, and would wait on it forever. Canceling
        # a wait makes it forget the channel.
        with suppress(Exception):
            async with asyncio.timeout(0):
                await self.channel_layer.receive(notify.POLLER_CHANNEL)

    async def keep_awake(self) -> None:
        """Wakes the poller regularly, without the layer. Runs until canceled."""
        while True:
            self.send_message({"type": notify.WAKE})
            await asyncio.sleep(WAKE_INTERVAL)

    async def check_consumer(self) -> None:
        """Removes a consumer that has died, so that the next message creates a new one. Runs until canceled."""
        check: Callable[[], Awaitable[None]] = self.application_checker
        await check()

    def send_message(self, message: Message) -> None:
        """Queues a message for the consumer, which is created if there is none."""
        instance = self.get_or_create_application_instance
        messages: asyncio.Queue[Message] = instance(notify.POLLER_CHANNEL, SCOPE)  # type: ignore[no-untyped-call]  # untyped
        messages.put_nowait(message)

    async def close(self) -> None:
        """Cancels the consumer and waits for it to end."""
        ending = [instance["future"] for instance in self.application_instances.values()]
        for future in ending:
            future.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
