"""How many films flow at once through this process: a few per member, some dozens in all."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

PER_USER = 4
PER_PROCESS = 32


class Busy(Exception):
    """No seat is free; `retry_after` is in seconds."""

    retry_after = 5.0


class Seat:
    """One film being opened or flowing. `worker` is the asyncio task that streams it, None until it does."""

    def __init__(self, user_id: int, task_id: UUID) -> None:
        self.user_id = user_id
        self.task_id = task_id
        self.worker: asyncio.Task[object] | None = None


_taken: list[Seat] = []  # oldest first


@contextmanager
def seat(user_id: int, task_id: UUID) -> Iterator[Seat]:
    """A seat for as long as the block runs. Raises Busy.

    A player that seeks opens its next stream before the last one is torn down, so the oldest stream of the same film
    makes room for it. Streams of other films are never cut off.
    """
    if sum(seat.user_id == user_id for seat in _taken) >= PER_USER:
        _make_room(user_id, task_id)
    if len(_taken) >= PER_PROCESS:
        raise Busy
    mine = Seat(user_id, task_id)
    _taken.append(mine)
    try:
        yield mine
    finally:
        _leave(mine)


def _make_room(user_id: int, task_id: UUID) -> None:
    for oldest in _taken:
        if (oldest.user_id, oldest.task_id) == (user_id, task_id) and oldest.worker is not None:
            _leave(oldest)
            oldest.worker.cancel()
            return
    raise Busy


def _leave(seat: Seat) -> None:
    if seat in _taken:
        _taken.remove(seat)


def taken() -> int:
    """For the metrics: the films that flow now."""
    return len(_taken)
