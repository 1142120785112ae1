"""Listens to the channel layer for notifications, and knows whether it still hears."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from channels.layers import BaseChannelLayer, get_channel_layer

from dashboard import notify
from dashboard.cancellation import cancel_and_wait

PING_EVERY = 5.0  # seconds
RETRY = 1.0  # seconds until a layer that failed is listened to again
PING = "live.ping"

logger = logging.getLogger(__name__)


class LayerListener:
    """The process's only member of the group of notifications.

    No layer tells when it has lost its connection or a member, so it joins again and sends itself a message every
    few seconds. Each message that arrives makes the hub look: after a gap, this is what closes it.
    """

    def __init__(self, heard: Callable[[], None]) -> None:
        self._heard = heard
        self.heard_at = time.monotonic()

    async def listen(self) -> None:
        """Never returns; cancel it."""
        while True:
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001  # whatever fails in the layer, the hub's regular reads go on meanwhile
                logger.warning("notifications are not received (%s)", type(error).__name__)
            await asyncio.sleep(RETRY)

    async def _listen(self) -> None:
        layer = get_channel_layer()
        assert layer is not None
        channel = await layer.new_channel()
        staying = asyncio.create_task(self._stay_in_group(layer, channel))
        try:
            while True:
                await layer.receive(channel)
                self.heard_at = time.monotonic()
                self._heard()
        finally:
            await cancel_and_wait(staying)
            with suppress(Exception):
                async with asyncio.timeout(notify.SEND_TIMEOUT):
                    await layer.group_discard(notify.GROUP, channel)

    async def _stay_in_group(self, layer: BaseChannelLayer, channel: str) -> None:
        # The in-memory layer forgets members: after a day, and when a message lay unread for a minute.
        while True:
            with suppress(Exception):
                async with asyncio.timeout(notify.SEND_TIMEOUT):
                    await layer.group_add(notify.GROUP, channel)
                    await layer.send(channel, {"type": PING})
            await asyncio.sleep(PING_EVERY)
