"""Updates the numbers on the filter chips for members with open streams, at most once a second."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from django.db import Error as DatabaseError

from dashboard.live import event_reader, sse
from dashboard.live.mailbox import Mailbox, QueuedEvent
from dashboard.live.registry import StreamRegistry
from dashboard.threads import ThreadPool

EVERY = 1.0  # seconds between counts

logger = logging.getLogger(__name__)


class StatusCounts:
    """Counts tasks for members whose numbers may have changed. Skips members without an open stream."""

    def __init__(self, streams: StreamRegistry, threads: ThreadPool, cursor: Callable[[], int]) -> None:
        self._streams = streams
        self._threads = threads
        self._cursor = cursor
        self._due: set[Mailbox] = set()
        self._asked = asyncio.Event()

    def changed(self, owners: Iterable[int]) -> None:
        """Requests new counts for everyone who may see the tasks of these owners."""
        for owner in owners:
            self._due.update(self._streams.viewers_of(owner))
        if self._due:
            self._asked.set()

    def request_for(self, box: Mailbox) -> None:
        """Requests new counts for a browser that has reconnected and may show old numbers."""
        self._due.add(box)
        self._asked.set()

    async def run(self) -> None:
        """Never returns; cancel it."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            try:
                await self._count()
            except DatabaseError as error:
                logger.warning("the numbers on the chips could not be counted: %s", error)
            await asyncio.sleep(EVERY)

    async def _count(self) -> None:
        due, self._due = self._due, set()
        counted = await self._threads.run(event_reader.counts, {box.viewer for box in due})
        cursor = self._cursor()  # all events up to this cursor are in the mailboxes already
        events = {
            viewer: QueuedEvent(cursor, "counts", sse.frame("counts", data, cursor)) for viewer, data in counted.items()
        }
        for box in due:
            if not box.is_closed:
                box.put(events[box.viewer])
