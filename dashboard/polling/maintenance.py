"""What a poller does by the clock, beside its polls."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from django.db import Error as DatabaseError
from django.utils import timezone

from dashboard.keys import actions as key_actions
from dashboard.polling import models, prune
from dashboard.tasks import submission
from dashboard.threads import ReaderThreads

INTERVAL = 5.0  # seconds
# Seals of an earlier version are renewed so long after the start: servers of that version can't open the new ones, and
# an upgrade that replaces one server after the other has them run beside this one for a while.
RENEW_SEALS_AFTER = 600.0  # seconds
SEALS = "seals"  # in a poller's figures: it opens seals that are bound to the owner
FIRST_PRUNE_AFTER = 30.0  # seconds after the start, when there are better things to do

logger = logging.getLogger(__name__)


class Maintenance:
    def __init__(self) -> None:
        self._threads = ReaderThreads("poller-maintenance", 1)

    async def run(self) -> None:
        """Never returns; cancel it."""
        loop = asyncio.get_running_loop()
        prune_at, renew_at = loop.time() + FIRST_PRUNE_AFTER, loop.time() + RENEW_SEALS_AFTER
        try:
            while True:
                await self._try(submission.mark_interrupted)
                if loop.time() >= prune_at:
                    prune_at = loop.time() + prune.EVERY
                    await self._try(lambda: prune.prune(timezone.now()))
                if loop.time() >= renew_at:
                    renew_at = loop.time() + RENEW_SEALS_AFTER
                    await self._try(lambda: renew_seals(timezone.now()))
                await asyncio.sleep(INTERVAL)
        finally:
            self._threads.stop()

    async def _try(self, work: Callable[[], object]) -> None:
        try:
            await self._threads.run(work)
        except DatabaseError as error:
            logger.warning("maintenance put off: %s", error)


def renew_seals(now: datetime) -> int:
    """Not while a poller is alive that could not open them. A server that does not poll is not seen here."""
    if models.PollerHeartbeat.objects.alive(now).without_figure(SEALS).exists():
        return 0
    return key_actions.renew_seals()
