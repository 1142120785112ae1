"""The hub, one per process: reads what changed once, renders it once, and hands the bytes to everybody who may see it.

It is the process's only member of the layer's group. A notification only makes it read; it reads every few seconds
anyway, so a lost one costs only time. Everything runs in the server's loop, except the reads.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from django.contrib.auth.signals import user_logged_out
from django.db import Error as DatabaseError
from django.http import HttpRequest

from dashboard.live import event_reader, sse, viewers
from dashboard.live.heartbeat import Heartbeat, tick
from dashboard.live.layer_listener import LayerListener
from dashboard.live.mailbox import Mailbox, QueuedEvent
from dashboard.live.registry import EVERYONE, Audience, StreamRegistry, TooManyStreams
from dashboard.live.replay_queue import Replays
from dashboard.live.status_counts import StatusCounts
from dashboard.live.viewers import StreamViewer
from dashboard.threads import ThreadPool

SWEEP = 5.0  # seconds between two reads without a notification
# Seconds after each look: what changes meanwhile is read, rendered and written together. A write costs the same for
# one row as for five, so with many streams the pause is longer than a reader would notice it to be, and load halves.
PAUSE = 0.02
PAUSE_PER_STREAM = 0.00008
DATABASE_RETRY = 1.0  # seconds until a database that failed is read again
SLICE = 50  # changes handed out before the loop gets on with other work
CLOSE_TIMEOUT = 1.0  # seconds for the close events to be sent

logger = logging.getLogger(__name__)


class Hub:
    def __init__(self) -> None:
        self.streams = StreamRegistry()
        self.cursor = 0
        self.read_at = 0.0  # monotonic; of the last look that succeeded
        self.is_open = False

    async def open(self) -> None:
        """Lets streams in. What follows the newest event of now is theirs."""
        self.loop = asyncio.get_running_loop()
        self._notified = asyncio.Event()
        self.listener = LayerListener(self.notify)
        self._threads = ThreadPool("live", releases_connections=True)
        self._session_threads = ThreadPool("live-sessions", 2, releases_connections=True)
        self._replays = Replays()
        self.heartbeat = Heartbeat(self.streams, self._session_threads, lambda: self.cursor)
        self.status_counts = StatusCounts(self.streams, self._threads, lambda: self.cursor)
        self.cursor = await self._threads.run(event_reader.last_cursor)
        self.read_at = time.monotonic()
        user_logged_out.connect(self._signed_out, dispatch_uid="live")
        self.is_open = True

    def close(self) -> None:
        """To be called once all streams are dismissed and the jobs are over."""
        user_logged_out.disconnect(dispatch_uid="live")
        self._threads.stop()
        self._session_threads.stop()
        self._replays.stop()

    async def dismiss_all(self) -> None:
        """Closes every stream, each to come back at another moment, and lets no new one in."""
        self.is_open = False
        for box in self.streams:
            self.streams.dismiss(box, random.randint(1_000, 10_000))  # noqa: S311  # spreads the reconnects
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                while len(self.streams):  # noqa: ASYNC110  # once in a process's life
                    await asyncio.sleep(0.01)
        for box in self.streams:
            box.abort()

    async def look_up(self, session_key: str) -> StreamViewer | None:
        """Whose session that is; None if it is nobody's. Raises TooManyStreams if the hub is closed."""
        if not self.is_open:
            raise TooManyStreams
        return await self._session_threads.run(viewers.viewer_of, session_key)

    async def look_up_link(self, session_key: str, token: str) -> StreamViewer | None:
        """The same behind a share link. Raises Http404 for a link that is unknown or has ended, too."""
        if not self.is_open:
            raise TooManyStreams
        return await self._session_threads.run(viewers.link_viewer_of, session_key, token)

    def admit(self, viewer: StreamViewer, since: str) -> None:
        """Counts what a stream from that cursor on will cost. Raises TooManyReplays."""
        with suppress(ValueError):
            if since and sse.cursor_of(since) != self.cursor:
                self._replays.admit(viewer.pk)

    def subscribe(self, viewer: StreamViewer, abort: Callable[[], None]) -> Mailbox:
        """From now on the mailbox gets everything after its cursor. Raises TooManyStreams."""
        if not self.is_open:
            raise TooManyStreams
        return self.streams.open(viewer, self.cursor, abort)

    def unsubscribe(self, box: Mailbox) -> None:
        self.streams.remove(box)

    async def catch_up(self, box: Mailbox, since: str) -> None:
        """Adds to a new mailbox what came after the cursor its browser has seen; empty: it starts now.

        Subscribed first and read then, nothing falls in between; what both found is there once.
        """
        if box.viewer.link:
            box.put(event_reader.changed(self.cursor))  # it may have changed since its page was made
            box.put(tick(self.cursor))
            return
        events = await self._replay(box, since) if since else []
        if events is None:
            box.resync(self.cursor, "not known from here on")
        else:
            box.fill(events)
            box.put(tick(max([self.cursor, *(event.cursor for event in events)])))
        if events or events is None:
            self.status_counts.request_for(box)

    async def _replay(self, box: Mailbox, since: str) -> list[QueuedEvent] | None:
        started, box.cursor = box.cursor, 0
        try:
            box.cursor = sse.cursor_of(since)
        except ValueError:
            return None
        if box.cursor == started:
            return []
        return await self._replays.run(box, self.cursor)

    def notify(self) -> None:
        """Look now."""
        self._notified.set()

    def _signed_out(self, request: HttpRequest, **_: object) -> None:
        # Comes in a view's thread.
        key = request.session.session_key
        if key:
            self.loop.call_soon_threadsafe(partial(self.heartbeat.close_session, key))

    async def run(self) -> None:
        """Reads what changed, after each notification and every few seconds. Never returns; cancel it."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP):
                    await self._notified.wait()
            self._notified.clear()
            try:
                await self._read_changes()
                self.read_at = time.monotonic()
            except DatabaseError as error:
                logger.warning("what changed could not be read, trying again: %s", error)
                await asyncio.sleep(DATABASE_RETRY)
            await asyncio.sleep(PAUSE + len(self.streams) * PAUSE_PER_STREAM)

    async def _read_changes(self) -> None:
        tries = 0
        while True:
            before = self.cursor
            tries += 1
            # A page is rendered for those present. Who comes in meanwhile and sees more makes it read again.
            audience = self.streams.audience() if tries < 3 else EVERYONE
            if audience or self.streams.has_link_viewers:
                page = await self._threads.run(event_reader.page_after, before, audience)
            else:
                page = event_reader.Page([], await self._threads.run(event_reader.last_cursor), True, frozenset(), {})
            if await self._deliver(page, audience) and page.is_last:
                return
            if self.cursor != before:
                tries = 0

    async def _deliver(self, page: event_reader.Page, audience: Audience) -> bool:
        """Whether all of it could be given; the cursor stands behind what was."""
        self.status_counts.changed(page.recount)
        for number, change in enumerate(page.changes):
            if number % SLICE == 0:
                await asyncio.sleep(0)
                if not audience.covers(self.streams.audience()):
                    return False
            for box in self.streams.viewers_of(change.owner_id):
                box.put(event_reader.event_for(box.viewer, change))
            self.cursor = change.event.cursor
        if not audience.covers(self.streams.audience()):
            return False
        if self.streams.has_link_viewers:
            for task_id, cursor in page.changed.items():
                for box in self.streams.link_viewers_of(task_id):
                    box.put(event_reader.changed(cursor))
        self.cursor = page.cursor
        return True


hub = Hub()
