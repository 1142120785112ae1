"""The pending frames of one browser: the newest one per task, in an order that makes every ID a safe cursor."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from dashboard.live import sse
from dashboard.live.stream_metrics import stream_metrics
from dashboard.live.viewers import StreamViewer

MAX_EVENTS = 1_000  # beyond this, the browser fetches its table again
CHUNK = 32 * 1024  # bytes handed to the server at a time

CONTROL = frozenset({"tick", "counts"})  # keys of events that are not about one task


class QueuedEvent(NamedTuple):
    """A frame, rendered once and shared by all mailboxes. In a mailbox, it replaces older events with the same key.

    The key is a string because strings cache their hashes, and each event passes through up to a thousand mailboxes.
    """

    cursor: int
    key: str
    frame: bytes


def _order(event: QueuedEvent) -> tuple[int, bool]:
    # A tick means that everything up to its cursor was delivered, so a change with the same cursor goes before it.
    return event.cursor, event.key in CONTROL


class Mailbox:
    """Holds events in the order of their cursors.

    When a task changes again, it moves to the end. So a browser that has received ID n has the newest state of every
    task as of n. If the task kept its place, events behind it with lower IDs would be lost if the connection breaks.
    """

    __slots__ = (
        "_events",
        "_replayed",
        "_waiter",
        "abort",
        "cursor",
        "is_closed",
        "is_outdated",
        "opened_at",
        "retry_ms",
        "sending_since",
        "sent_at",
        "taken",
        "viewer",
    )

    def __init__(self, viewer: StreamViewer, cursor: int, abort: Callable[[], None]) -> None:
        """`cursor` is the last one that the browser has seen. `abort` drops the connection and any unsent bytes."""
        self.viewer = viewer
        self.cursor = cursor
        self.abort = abort
        self.is_closed = self.is_outdated = False
        self.retry_ms = 1_000
        self.taken = 0  # frames
        self.opened_at = self.sent_at = time.monotonic()
        self.sending_since: float | None = None
        self._events: dict[str, QueuedEvent] = {}
        self._replayed = 0  # a replay covers everything up to this cursor
        self._waiter: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self._events)

    def put(self, event: QueuedEvent) -> None:
        if event.cursor <= self._replayed and event.key not in CONTROL:
            return  # older than the replay's state, which may have been sent already
        self._events.pop(event.key, None)
        self._events[event.key] = event
        if len(self._events) > MAX_EVENTS:
            self.resync(event.cursor, "too much changed at once")
        self._wake()

    def fill(self, events: Iterable[QueuedEvent]) -> None:
        """Adds the events of a replay. If a task has changed in the meantime, keeps the row with the higher cursor."""
        for event in events:
            self._replayed = max(self._replayed, event.cursor)
            there = self._events.get(event.key)
            if there is None or there.cursor < event.cursor:
                self._events[event.key] = event
        self._events = {event.key: event for event in sorted(self._events.values(), key=_order)}
        if len(self._events) > MAX_EVENTS:
            self.resync(max(event.cursor for event in self._events.values()), "too much changed at once")
        self._wake()

    def resync(self, cursor: int, reason: str) -> None:
        """Drops all events up to `cursor`, and tells the browser to fetch its table again."""
        self._events = {"resync": QueuedEvent(cursor, "resync", sse.frame("resync", reason, cursor))}
        self._wake()

    def close(self, retry_ms: int, *, outdated: bool = False) -> None:
        """Drops all events and delivers only the close event, with the cursor of the last event that was sent.

        With `outdated`, the browser may show tasks that it may no longer see, so it is told to fetch its table again.
        """
        self._events.clear()
        self.is_outdated = outdated
        self.retry_ms = retry_ms
        self.is_closed = True
        self._wake()

    def take(self) -> bytes:
        """Removes and returns the oldest frames, about CHUNK bytes. Returns b"" if there are none."""
        frames: list[bytes] = []
        size = 0
        while self._events and size < CHUNK:
            event = self._events.pop(next(iter(self._events)))
            frames.append(event.frame)
            size += len(event.frame)
            self.cursor = event.cursor
        self.taken += len(frames)
        stream_metrics.frames += len(frames)
        return b"".join(frames)

    def close_event(self) -> bytes:
        close = sse.frame("close", f'{{"retry_ms": {self.retry_ms}}}', self.cursor)
        return sse.frame("resync", "other rights", self.cursor) + close if self.is_outdated else close

    async def wait(self) -> None:
        """Waits until there is something to take or the mailbox is closed. Supports a single waiter."""
        if self._events or self.is_closed:
            return
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
