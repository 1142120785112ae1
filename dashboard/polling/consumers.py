"""The poller as a Channels consumer: a message on its channel wakes the poll loop."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from channels.consumer import AsyncConsumer

from dashboard import notify
from dashboard.polling.poller import Poller

logger = logging.getLogger(__name__)


class PollerConsumer(AsyncConsumer):
    # Its messages come from the worker alone. A channel of its own would end it whenever the layer is down.
    channel_layer_alias = "none"

    def __init__(self, poller: Poller) -> None:
        self._poller = poller

    async def dispatch(self, message: Any) -> None:
        """Without the base class's hop through a thread that closes connections: there are none here."""
        if message["type"] == notify.WAKE:
            await self.poller_wake(message)
        elif message["type"] != notify.PING:
            logger.warning("the poller does not know the message %r", message["type"])

    async def poller_wake(self, message: Any) -> None:
        self._poller.wake()


def application(poller: Poller) -> Callable[..., Awaitable[None]]:
    """The ASGI application of the poller's channel."""
    made: Callable[..., Awaitable[None]] = PollerConsumer.as_asgi(poller=poller)
    return made
