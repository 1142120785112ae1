"""The hub, one per process: reads what changed once, renders it once, and hands the bytes to everybody who may see it.

It is the process's only member of the layer's group. A doorbell only makes it look; it looks every few seconds anyway,
so a lost one costs time and nothing else. Everything runs in the server's loop, except the reads.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from dashboard.ending import cancel_and_wait
from dashboard.live import reading, sse, viewers
from dashboard.live.counting import Counting
from dashboard.live.hearing import Ear
from dashboard.live.keeping import Keeper, tick
from dashboard.live.mailbox import Letter, Mailbox
from dashboard.live.replays import Replays
from dashboard.live.room import EVERYBODY, Audience, Room, RoomFull
from dashboard.live.viewers import Viewer
from dashboard.supervisor import supervise

SWEEP = 5.0  # seconds between two looks that no doorbell asked for
# Seconds after each look: what is rung for meanwhile is read, rendered and written together. A write costs the same for
# one row as for five, so with many streams the pause is longer than a reader would notice it to be, and load halves.
PAUSE = 0.02
PAUSE_PER_STREAM = 0.00008
SLICE = 50  # changes handed out before the loop gets on with other work
FAREWELL = 1.0  # seconds for the farewells to be sent

logger = logging.getLogger(__name__)


class Hub:
    def __init__(self) -> None:
        self.room = Room()
        self.cursor = 0
        self.looked_at = 0.0  # monotonic; of the last look that succeeded
        self.is_open = False
        self._running: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Reads from where the table of events ends now."""
        self.loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()
        self.ear = Ear(self.ring)
        self._threads = reading.Threads("live", 1)
        self._doors = reading.Threads("live-door", 2)
        self._replays = Replays()
        self.keeper = Keeper(self.room, self._doors, lambda: self.cursor)
        self.counting = Counting(self.room, self._threads, lambda: self.cursor)
        self.cursor = await self._threads.run(reading.last_cursor)
        self.looked_at = time.monotonic()
        self._spawn("live listener", self.ear.listen)
        self._spawn("live reader", self._watch)
        self._spawn("live counts", self.counting.run)
        self._spawn("live heartbeat", self.keeper.keep)
        self._spawn("live rights", self.keeper.recheck)
        user_logged_out.connect(self._signed_out, dispatch_uid="live")
        self.is_open = True

    async def stop(self) -> None:
        """Ends all streams and all work. May be called twice."""
        if not self.is_open and not self._running:
            return
        await self.dismiss_all()
        user_logged_out.disconnect(dispatch_uid="live")
        await cancel_and_wait(*self._running)
        self._running.clear()
        self._threads.stop()
        self._doors.stop()
        self._replays.stop()

    async def dismiss_all(self) -> None:
        """Says goodbye to every stream, each to come back at another moment, and lets no new one in."""
        self.is_open = False
        for box in self.room:
            self.room.dismiss(box, random.randint(1_000, 10_000))  # noqa: S311  # spreads the reconnects
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL):
                while len(self.room):  # noqa: ASYNC110  # once in a process's life
                    await asyncio.sleep(0.01)
        for box in self.room:
            box.abort()

    async def look_up(self, session_key: str) -> Viewer | None:
        """Whose session that is; None if it is nobody's. Raises RoomFull rather than say so of a hub that is closed."""
        if not self.is_open:
            raise RoomFull
        return await self._doors.run(viewers.viewer_of, session_key)

    def admit(self, viewer: Viewer, since: str) -> None:
        """Counts what a stream from that cursor on will cost. Raises TooManyReplays."""
        with suppress(ValueError):
            if since and sse.cursor_of(since) != self.cursor:
                self._replays.admit(viewer.pk)

    def subscribe(self, viewer: Viewer, abort: Callable[[], None]) -> Mailbox:
        """From now on the mailbox gets everything after its cursor. Raises RoomFull."""
        if not self.is_open:
            raise RoomFull
        return self.room.enter(viewer, self.cursor, abort)

    def unsubscribe(self, box: Mailbox) -> None:
        self.room.leave(box)

    async def catch_up(self, box: Mailbox, since: str) -> None:
        """Adds to a new mailbox what came after the cursor its browser has seen; empty: it starts now.

        Subscribed first and read then, nothing falls in between; what both found is there once.
        """
        letters = await self._replay(box, since) if since else []
        if letters is None:
            box.resync(self.cursor, "not known from here on")
        else:
            box.fill(letters)
            box.put(tick(max([self.cursor, *(letter.cursor for letter in letters)])))
        if letters or letters is None:
            self.counting.wanted_by(box)

    async def _replay(self, box: Mailbox, since: str) -> list[Letter] | None:
        started, box.cursor = box.cursor, 0
        try:
            box.cursor = sse.cursor_of(since)
        except ValueError:
            return None
        if box.cursor == started:
            return []
        return await self._replays.run(box, self.cursor)

    def ring(self) -> None:
        """Look now."""
        self._rung.set()

    def _spawn(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._running.append(asyncio.create_task(supervise(name, work)))

    def _signed_out(self, request: HttpRequest, **_: object) -> None:
        # Comes in a view's thread.
        key = request.session.session_key
        if key:
            self.loop.call_soon_threadsafe(partial(self.keeper.kick, key))

    async def _watch(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP):
                    await self._rung.wait()
            self._rung.clear()
            try:
                await self._look()
                self.looked_at = time.monotonic()
            except Exception:
                logger.exception("the live stream could not read what changed")
                await asyncio.sleep(1.0)
            await asyncio.sleep(PAUSE + len(self.room) * PAUSE_PER_STREAM)

    async def _look(self) -> None:
        tries = 0
        while True:
            before = self.cursor
            tries += 1
            # A page is rendered for those present. Who comes in meanwhile and sees more makes it read again.
            audience = self.room.audience() if tries < 3 else EVERYBODY
            if audience:
                page = await self._threads.run(reading.page_after, before, audience)
            else:
                page = reading.Page([], await self._threads.run(reading.last_cursor), True, frozenset())
            if await self._hand_out(page, audience) and page.is_last:
                return
            if self.cursor != before:
                tries = 0

    async def _hand_out(self, page: reading.Page, audience: Audience) -> bool:
        """Whether all of it could be given; the cursor stands behind what was."""
        self.counting.changed(page.recount)
        for number, change in enumerate(page.changes):
            if number % SLICE == 0:
                await asyncio.sleep(0)
                if not audience.covers(self.room.audience()):
                    return False
            for box in self.room.who_may_see(change.owner_id):
                box.put(reading.letter_for(box.viewer, change))
            self.cursor = change.letter.cursor
        if not audience.covers(self.room.audience()):
            return False
        self.cursor = page.cursor
        return True


hub = Hub()
