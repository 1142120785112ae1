"""What runs beside the poll loop by the clock: signs of life and housekeeping."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Callable
from datetime import datetime

from django.db import Error as DatabaseError

from dashboard import notify
from dashboard.keys import actions as key_actions
from dashboard.polling import models, prune
from dashboard.polling.metrics import PollerMetrics
from dashboard.tasks import submission
from dashboard.threads import ThreadPool

HEARTBEAT_INTERVAL = 5.0  # seconds
# Seals of an earlier version are renewed so long after the start: servers of that version can't open the new ones, and
# an upgrade that replaces one server after the other has them run beside this one for a while.
RENEW_SEALS_AFTER = 600.0  # seconds
SEALS = "seals"  # in a poller's figures: it opens seals that are bound to the owner
FIRST_PRUNE_AFTER = 30.0  # seconds after the start, when there are better things to do

logger = logging.getLogger(__name__)


class Maintenance:
    def __init__(
        self,
        database: ThreadPool,
        counted: PollerMetrics,
        in_flight: Callable[[], int],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._figures = counted
        self._in_flight = in_flight
        self._now = now
        self._name = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"

    async def run(self) -> None:
        """Never returns; cancel it."""
        loop = asyncio.get_running_loop()
        tidying_at, renewing_at = loop.time() + FIRST_PRUNE_AFTER, loop.time() + RENEW_SEALS_AFTER
        try:
            while True:
                await self._try(self._record_heartbeat)
                await self._try(submission.mark_interrupted)
                if loop.time() >= tidying_at:
                    tidying_at = loop.time() + prune.EVERY
                    await self._try(lambda: prune.prune(self._now()))
                if loop.time() >= renewing_at:
                    renewing_at = loop.time() + RENEW_SEALS_AFTER
                    await self._try(lambda: renew_seals(self._now()))
                await asyncio.sleep(HEARTBEAT_INTERVAL)
        finally:
            await self._try(lambda: models.remove_heartbeat(self._name))

    def _record_heartbeat(self) -> None:
        told = {**self._figures.as_dict(), "doorbell_failures": notify.failures(), SEALS: True}
        models.record_heartbeat(
            self._name, self._now(), polls=self._figures.polls, in_flight=self._in_flight(), figures=told
        )

    async def _try(self, work: Callable[[], object]) -> None:
        try:
            await self._database.run(work)
        except DatabaseError as error:
            logger.warning("upkeep put off: %s", error)


def renew_seals(now: datetime) -> int:
    """Not while a poller is alive that could not open them. A server that does not poll is not seen here."""
    if models.PollerHeartbeat.objects.alive(now).without_figure(SEALS).exists():
        return 0
    return key_actions.renew_seals()
