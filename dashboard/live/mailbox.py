"""What waits for one browser: the newest frame of each task, in an order that keeps every id a safe cursor."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from dashboard.live import sse
from dashboard.live.stream_metrics import stream_metrics
from dashboard.live.viewers import StreamViewer

MAX_EVENTS = 1_000  # then the browser re-fetches its table instead
CHUNK = 32 * 1024  # bytes handed to the server at a time

CONTROL = frozenset({"tick", "counts"})  # keys of events that are not about one task


class QueuedEvent(NamedTuple):
    """A frame, made once and shared by all mailboxes. A newer event with the same key replaces an older one.

    The key is a text as that remembers its hash: each event is put into and taken out of a thousand mailboxes.
    """

    cursor: int
    key: str
    frame: bytes


def _order(event: QueuedEvent) -> tuple[int, bool]:
    # A tick says that all up to its cursor has been delivered; the change at that very cursor goes before it.
    return event.cursor, event.key in CONTROL


class Mailbox:
    """Events stand in the order of their cursors.

    A changed task moves to the end: whoever has received id n has received the newest state, up to n, of every task.
    Kept in the order of first changes, a connection that breaks after a high id would lose what stood behind it.
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
        """`cursor` is what its browser has seen; `abort` drops the connection at once, unsent bytes included."""
        self.viewer = viewer
        self.cursor = cursor
        self.abort = abort
        self.is_closed = self.is_outdated = False
        self.retry_ms = 1_000
        self.taken = 0  # frames
        self.opened_at = self.sent_at = time.monotonic()
        self.sending_since: float | None = None
        self._events: dict[str, QueuedEvent] = {}
        self._replayed = 0  # a replay has told of everything up to here
        self._waiter: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self._events)

    def put(self, event: QueuedEvent) -> None:
        if event.cursor <= self._replayed and event.key not in CONTROL:
            return  # an older state than the replay's, which may be on its way already
        self._events.pop(event.key, None)
        self._events[event.key] = event
        if len(self._events) > MAX_EVENTS:
            self.resync(event.cursor, "too much changed at once")
        self._wake()

    def fill(self, events: Iterable[QueuedEvent]) -> None:
        """Adds what a replay found. The same task may have come in meanwhile: the higher cursor is the newer row."""
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
        """Everything up to `cursor` is dropped: the browser is told to fetch its table again."""
        self._events = {"resync": QueuedEvent(cursor, "resync", sse.frame("resync", reason, cursor))}
        self._wake()

    def close(self, retry_ms: int, *, outdated: bool = False) -> None:
        """Nothing more is delivered but the close event, with the cursor of what was sent last. `outdated`: what the
        browser shows may not be what it may see from now on, so it is told to fetch its table again."""
        self._events.clear()
        self.is_outdated = outdated
        self.retry_ms = retry_ms
        self.is_closed = True
        self._wake()

    def take(self) -> bytes:
        """The oldest events, about CHUNK bytes of them; empty if there are none."""
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
        """Until there is something to take, or the mailbox is closed. For one waiter."""
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
