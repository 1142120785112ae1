"""How many videos flow at once through this process: a few per member, some dozens in all."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

PER_USER = 4
PER_PROCESS = 32
STALLED = 10.0  # seconds that a viewer must have taken nothing for before the seat may go to somebody else


class Busy(Exception):
    """No seat is free; `retry_after` is in seconds."""

    retry_after = 5.0


class Seat:
    """One video being opened or flowing. `worker` is the asyncio task that streams it, None until it does.

    `abort` drops the viewer's connection and `stalled_for` gives the seconds since the viewer last took something,
    where the server can do so.
    """

    def __init__(self, user_id: int, video_id: UUID) -> None:
        self.user_id = user_id
        self.video_id = video_id
        self.worker: asyncio.Task[object] | None = None
        self.abort: Callable[[], None] | None = None
        self.stalled_for: Callable[[], float] = lambda: 0.0

    def break_off(self) -> None:
        """Ends the video so that its viewer sees that it is not whole. The seat is free at once."""
        _leave(self)
        if self.abort is not None:
            self.abort()
        elif self.worker is not None:
            self.worker.cancel()


_taken: list[Seat] = []  # oldest first


@contextmanager
def seat(user_id: int, video_id: UUID) -> Iterator[Seat]:
    """A seat for as long as the block runs. Raises Busy.

    A player that seeks opens its next stream before the last one is torn down, so the oldest stream of the same video
    makes room for it. Of other videos only one whose viewer has stopped reading is broken off: a paused player comes
    back by itself when it is played on.
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
    """For the metrics: the videos that flow now."""
    return len(_taken)
