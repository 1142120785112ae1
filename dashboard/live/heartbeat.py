"""What keeps streams honest: ticks in silence, an end to stuck ones, a limit to their life, and a look at rights."""

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
SILENCE = 15.0  # seconds without a frame, then a tick
RECHECK_EVERY = 15.0  # seconds between two looks at everybody's session and rights
SEND_DEADLINE = 30.0  # seconds that a browser may leave a write blocked
LIFE = 30 * 60.0  # seconds
SOON = 1_000  # milliseconds

logger = logging.getLogger(__name__)


def tick(cursor: int) -> QueuedEvent:
    return QueuedEvent(cursor, "tick", sse.frame("tick", json.dumps({"at": timezone.now().isoformat()}), cursor))


class Heartbeat:
    """One per process, for all streams: timers and queries of their own would cost each of them."""

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
        """One round over all mailboxes."""
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
        """Ends the streams whose session is over or whose member's rights have changed."""
        present = {box.viewer for box in self._streams if not box.is_closed}
        if not present:
            return
        over = await self._threads.run(viewers.find_ended, present)
        for box in self._streams:
            if box.viewer in over:  # guard: stream-ends-with-access
                self._streams.dismiss(box, SOON, outdated=over[box.viewer])

    def close_session(self, session_key: str) -> None:
        """Ends the streams of a session that was signed out."""
        for box in self._streams:
            if box.viewer.session_key == session_key:
                self._streams.dismiss(box, SOON)
