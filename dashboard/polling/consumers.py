"""The poller as a Channels consumer: a message on its channel wakes the poll loop."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from channels.consumer import AsyncConsumer

from dashboard import notify
from dashboard.polling.poller import Poller

logger = logging.getLogger(__name__)


class PollerConsumer(AsyncConsumer):
    # It gets its messages from the worker only. With a channel of its own, it would end whenever the layer is down.
    channel_layer_alias = "none"

    def __init__(self, poller: Poller) -> None:
        self._poller = poller

    async def dispatch(self, message: Any) -> None:
        """Handles a message. Unlike the base class, closes no database connections: there are none here."""
        if message["type"] == notify.WAKE:
            await self.poller_wake(message)
        elif message["type"] != notify.PING:
            logger.warning("the poller does not know the message %r", message["type"])

    async def poller_wake(self, message: Any) -> None:
        self._poller.wake()


def application(poller: Poller) -> Callable[..., Awaitable[None]]:
    """Returns the ASGI application of the poller's channel."""
    made: Callable[..., Awaitable[None]] = PollerConsumer.as_asgi(poller=poller)
    return made
