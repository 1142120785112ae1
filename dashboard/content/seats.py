"""Limits how many videos this process streams at once: a few per member, a few dozen in total."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

PER_USER = 4
PER_PROCESS = 32
STALLED = 10.0  # seconds without reading after which a viewer's seat may be given to another stream


class Busy(Exception):
    """No seat is free. `retry_after` is in seconds."""

    retry_after = 5.0


class Seat:
    """One video being opened or streamed. `worker` is the asyncio task that streams it, None until then.

    If the server supports it, `abort` drops the viewer's connection, and `stalled_for` returns the seconds since the
    viewer last read something.
    """

    def __init__(self, user_id: int, video_id: UUID) -> None:
        self.user_id = user_id
        self.video_id = video_id
        self.worker: asyncio.Task[object] | None = None
        self.abort: Callable[[], None] | None = None
        self.stalled_for: Callable[[], float] = lambda: 0.0

    def break_off(self) -> None:
        """Aborts the stream so that the viewer notices that it is incomplete. Frees the seat immediately."""
        _leave(self)
        if self.abort is not None:
            self.abort()
        elif self.worker is not None:
            self.worker.cancel()


_taken: list[Seat] = []  # oldest first


@contextmanager
def seat(user_id: int, video_id: UUID) -> Iterator[Seat]:
    """Holds a seat while the block runs. Raises Busy.

    A player that seeks opens its next stream before the last one is closed, so if the member has no seat left, the
    oldest stream of the same video is aborted. Streams of other videos are aborted only if their viewer has stopped
    reading: a paused player reconnects when it is resumed.
    """
    seats_of_user = [seat for seat in _taken if seat.user_id == user_id]
    if len(seats_of_user) >= PER_USER:
        _make_room(seats_of_user, video_id)
    if len(_taken) >= PER_PROCESS:
        _make_room(_taken)
    mine = Seat(user_id, video_id)
    _taken.append(mine)
    try:
        yield mine
    finally:
        _leave(mine)


def _make_room(taken: Iterable[Seat], reopened: UUID | None = None) -> None:
    flowing = [seat for seat in taken if seat.worker is not None]
    again = [seat for seat in flowing if seat.video_id == reopened]
    stalled = sorted(flowing, key=lambda seat: seat.stalled_for(), reverse=True)
    leaving = [*again, *(seat for seat in stalled if seat.stalled_for() >= STALLED)]
    if not leaving:
        raise Busy
    leaving[0].break_off()


def _leave(seat: Seat) -> None:
    if seat in _taken:
        _taken.remove(seat)


def taken() -> int:
    """Returns the number of videos being opened or streamed, for the metrics."""
    return len(_taken)
