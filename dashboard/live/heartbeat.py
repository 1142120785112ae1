"""Watches over streams: sends ticks, ends stuck or old streams, and rechecks access."""

import asyncio
import json
import logging
import random
import time
from collections.abc import Callable

from django.db import Error as DatabaseError
from django.utils import timezone

from dashboard.live import sse, viewers
from dashboard.live.mailbox import QueuedEvent
from dashboard.live.registry import StreamRegistry
from dashboard.threads import ThreadPool

LOOK_EVERY = 1.0  # seconds
SILENCE = 15.0  # seconds without a frame before a tick is sent
RECHECK_EVERY = 15.0  # seconds between checks of all sessions and rights
SEND_DEADLINE = 30.0  # seconds for which a browser may block a write
LIFE = 30 * 60.0  # seconds
SOON = 1_000  # milliseconds

logger = logging.getLogger(__name__)


def tick(cursor: int) -> QueuedEvent:
    return QueuedEvent(cursor, "tick", sse.frame("tick", json.dumps({"at": timezone.now().isoformat()}), cursor))


class Heartbeat:
    """Serves all streams of the process, because a timer and queries per stream would be expensive."""

    def __init__(self, streams: StreamRegistry, threads: ThreadPool, cursor: Callable[[], int]) -> None:
        self._streams = streams
        self._threads = threads
        self._cursor = cursor

    async def run(self) -> None:
        """Never returns; cancel it."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self.check_streams(time.monotonic())

    def check_streams(self, now: float) -> None:
        """Ends streams that are stuck or too old, and sends ticks to those that have been silent."""
        tick_event = tick(self._cursor())
        for box in self._streams:
            if box.sending_since is not None and now - box.sending_since > SEND_DEADLINE:
                self._streams.dismiss(box, SOON)
                box.abort()
            elif box.is_closed:
                continue
            elif now - box.opened_at > LIFE:
                self._streams.dismiss(box, random.randint(0, 5_000))  # noqa: S311  # so that they don't come back at once
            elif not box and box.sending_since is None and now - box.sent_at > SILENCE - LOOK_EVERY / 2:
                box.put(tick_event)

    async def run_rechecks(self) -> None:
        """Never returns; cancel it."""
        while True:
            await asyncio.sleep(RECHECK_EVERY)
            try:
                await self.recheck_access()
            except DatabaseError as error:
                logger.warning("sessions of open streams could not be checked: %s", error)

    async def recheck_access(self) -> None:
        """Ends streams whose session or share link has ended, or whose member's rights have changed."""
        present = {box.viewer for box in self._streams if not box.is_closed}
        if not present:
            return
        over = await self._threads.run(viewers.find_ended, present)
        for box in self._streams:
            if box.viewer in over:  # guard: stream-ends-with-access
                self._streams.dismiss(box, SOON, outdated=over[box.viewer])

    def close_session(self, session_key: str) -> None:
        """Ends the streams of a session after sign-out."""
        for box in self._streams:
            if box.viewer.session_key == session_key:
                self._streams.dismiss(box, SOON)
