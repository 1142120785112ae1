"""The hub, one per process. It reads and renders each change once, and sends it to every stream that may see it.

The process listens to notifications once, for all streams. A notification only makes the hub read. It also reads every
few seconds, so a lost notification only delays changes. Everything except the reads runs in the server's event loop.
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
from dashboard.live.registry import Audience, StreamRegistry, TooManyStreams, everyone
from dashboard.live.replay_queue import Replays
from dashboard.live.status_counts import StatusCounts
from dashboard.live.viewers import StreamViewer
from dashboard.threads import ThreadPool

SWEEP = 5.0  # seconds between two reads without a notification
# Seconds to pause after each read, so that changes are read, rendered and written in batches. Writing five rows costs
# the same as writing one, so the pause grows with the number of streams. This halves the load without a visible delay.
PAUSE = 0.02
PAUSE_PER_STREAM = 0.00008
DATABASE_RETRY = 1.0  # seconds until the next read after a database error
SLICE = 50  # changes delivered before yielding to the event loop
CLOSE_TIMEOUT = 1.0  # seconds for the close events to be sent

logger = logging.getLogger(__name__)


class Hub:
    def __init__(self) -> None:
        self.streams = StreamRegistry()
        self.cursor = 0
        self.read_at = 0.0  # monotonic time of the last successful read
        self.is_open = False

    async def open(self) -> None:
        """Starts accepting streams. They get the events after the newest one at this time."""
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
        """Stops the threads. Call this after all streams are dismissed and the jobs have ended."""
        user_logged_out.disconnect(dispatch_uid="live")
        self._threads.stop()
        self._session_threads.stop()
        self._replays.stop()

    async def dismiss_all(self) -> None:
        """Closes every stream and accepts no new ones. Tells browsers to reconnect at different times."""
        self.is_open = False
        for box in self.streams:
            self.streams.dismiss(box, random.randint(1_000, 10_000))  # noqa: S311  # spreads the reconnects
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                while len(self.streams):  # noqa: ASYNC110  # once in a process's life
                    await asyncio.sleep(0.01)
        for box in self.streams:
            box.abort()

    async def look_up(self, session_key: str, language: str) -> StreamViewer | None:
        """Returns the session's viewer, or None if it isn't valid. Raises TooManyStreams if the hub is closed."""
        if not self.is_open:
            raise TooManyStreams
        return await self._session_threads.run(viewers.viewer_of, session_key, language)

    async def look_up_link(self, session_key: str, token: str) -> StreamViewer | None:
        """Like `look_up`, for a share link. Also raises Http404 if the link is unknown or has ended."""
        if not self.is_open:
            raise TooManyStreams
        return await self._session_threads.run(viewers.link_viewer_of, session_key, token)

    def admit(self, viewer: StreamViewer, since: str) -> None:
        """Counts a replay for the member if a stream from this cursor needs one. Raises TooManyReplays."""
        with suppress(ValueError):
            if since and sse.cursor_of(since) != self.cursor:
                self._replays.admit(viewer.pk)

    def subscribe(self, viewer: StreamViewer, abort: Callable[[], None]) -> Mailbox:
        """Returns a mailbox that gets all events after the current cursor. Raises TooManyStreams."""
        if not self.is_open:
            raise TooManyStreams
        return self.streams.open(viewer, self.cursor, abort)

    def unsubscribe(self, box: Mailbox) -> None:
        self.streams.remove(box)

    async def catch_up(self, box: Mailbox, since: str) -> None:
        """Adds the events after `since`, the browser's last cursor, to a new mailbox. Adds none if `since` is empty.

        The mailbox is already subscribed, so no event is missed. Events that arrive both ways are only kept once.
        """
        if box.viewer.link:
            box.put(event_reader.changed(self.cursor))  # the task may have changed since the page was rendered
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
        """Makes the hub read changes now."""
        self._notified.set()

    def _signed_out(self, request: HttpRequest, **_: object) -> None:
        # Called in a view's thread.
        key = request.session.session_key
        if key:
            self.loop.call_soon_threadsafe(partial(self.heartbeat.close_session, key))

    async def run(self) -> None:
        """Reads changes after each notification, and every few seconds. Never returns; cancel it."""
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
            # A page is rendered for the current audience. If a new stream may see more tasks, it is read again.
            audience = self.streams.audience() if tries < 3 else everyone()
            had_link_viewers = self.streams.has_link_viewers
            if audience or had_link_viewers:
                page = await self._threads.run(event_reader.page_after, before, audience)
            else:
                page = event_reader.Page([], await self._threads.run(event_reader.last_cursor), True, frozenset(), {})
                if self.streams.has_link_viewers:
                    continue  # opened in the meantime: what changed since then must be read
            if await self._deliver(page, audience) and page.is_last:
                return
            if self.cursor != before:
                tries = 0

    async def _deliver(self, page: event_reader.Page, audience: Audience) -> bool:
        """Delivers a page and moves the cursor past what was delivered.

        Returns False if it stopped because the page doesn't cover a stream that was opened in the meantime.
        """
        self.status_counts.changed(page.recount)
        for number, change in enumerate(page.changes):
            if number % SLICE == 0:
                await asyncio.sleep(0)
                if not audience.covers(self.streams.audience()):
                    return False
            for box in self.streams.viewers_of(change.owner_id):
                box.put(event_reader.event_for(box.viewer, change))
            self.cursor = change.cursor
        if not audience.covers(self.streams.audience()):
            return False
        if self.streams.has_link_viewers:
            for task_id, cursor in page.changed.items():
                for box in self.streams.link_viewers_of(task_id):
                    box.put(event_reader.changed(cursor))
        self.cursor = page.cursor
        return True


hub = Hub()
