"""Listens to the channel layer for notifications, and checks that they still arrive."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from channels.layers import BaseChannelLayer, get_channel_layer

from dashboard import notify
from dashboard.cancellation import cancel_and_wait

PING_EVERY = 5.0  # seconds
RETRY = 1.0  # seconds until listening again after an error
PING = "live.ping"

logger = logging.getLogger(__name__)


class LayerListener:
    """Receives notifications for the whole process.

    Channel layers don't report a lost connection or group member. So every few seconds, the listener joins the group
    again and sends itself a message. Every message makes the hub read, which also catches up after a gap.
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
        # The in-memory layer drops members after a day, or if a message stays unread for a minute.
        while True:
            with suppress(Exception):
                async with asyncio.timeout(notify.SEND_TIMEOUT):
                    await layer.group_add(notify.GROUP, channel)
                    await layer.send(channel, {"type": PING})
            await asyncio.sleep(PING_EVERY)
