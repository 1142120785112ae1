"""Writes this poller's heartbeat row: that it is alive, its metrics, and the state of its jobs.

A separate poller has no port. Servers report this row in `/readyz` and `/metrics`.
"""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TypedDict

from django.db import Error as DatabaseError
from django.utils import timezone

from dashboard import notify
from dashboard.polling import maintenance, models
from dashboard.polling.metrics import poller_metrics
from dashboard.polling.poller import Poller
from dashboard.threads import ThreadPool

HEARTBEAT_INTERVAL = 5.0  # seconds
CLOSE_TIMEOUT = 1.0  # seconds

logger = logging.getLogger(__name__)


class JobReport(TypedDict):
    """The state of one of the poller's jobs, as JSON."""

    is_essential: bool
    is_down: bool
    crashes: int


class HeartbeatWriter:
    def __init__(self, poller: Poller, report_jobs: Callable[[], dict[str, JobReport]]) -> None:
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._poller = poller
        self._report_jobs = report_jobs
        self._changed = asyncio.Event()
        self._threads = ThreadPool("poller-heartbeat", releases_connections=True)

    def write_on(self, changed: asyncio.Event) -> None:
        """Makes `run` write immediately when `changed` is set. `run` clears it."""
        self._changed = changed

    async def run(self) -> None:
        """Runs until canceled."""
        while True:
            self._changed.clear()
            await self._try(self._record)
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_INTERVAL):
                    await self._changed.wait()

    async def close(self) -> None:
        """Removes the row when the poller ends. The row of a killed poller stays and expires."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._try(lambda: models.remove_heartbeat(self.name))
        self._threads.stop()

    def _record(self) -> None:
        polls, in_flight = poller_metrics.polls, self._poller.in_flight
        models.record_heartbeat(self.name, timezone.now(), polls=polls, in_flight=in_flight, metrics=self._metrics())

    def _metrics(self) -> dict[str, object]:
        counted = {**poller_metrics.as_dict(), "notification_failures": notify.failures()}
        return {**counted, maintenance.SEALS: True, "jobs": self._report_jobs()}

    async def _try(self, work: Callable[[], None]) -> None:
        try:
            await self._threads.run(work)
        except DatabaseError as error:
            logger.warning("heartbeat not written: %s", error)
