"""This process's poller: a poll loop and its client, both created for each start."""

from django.conf import settings

from dashboard.polling.loop import PollLoop
from dashboard.upstream.client import Client


class Poller:
    def __init__(self) -> None:
        self._loop: PollLoop | None = None

    @property
    def in_flight(self) -> int:
        """Polls under way."""
        return self._loop.in_flight if self._loop else 0

    def wake(self) -> None:
        """Wakes the loop, if it is running. A loop that starts later looks for due tasks anyway."""
        if self._loop is not None:
            self._loop.wake()

    def stop(self) -> None:
        """Makes `run` release its claims and return soon."""
        if self._loop is not None:
            self._loop.stop()

    async def run(self) -> None:
        """Runs until `stop` is called. Raises only if there is a bug."""
        gateway = Client(settings.AMUX_BASE_URL, allowed_private_hosts=settings.ALLOWED_PRIVATE_HOSTS)
        try:
            self._loop = PollLoop(gateway)
            await self._loop.run()
        finally:
            self._loop = None
            await gateway.aclose()
