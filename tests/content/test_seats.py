"""content.seats: how many videos play at once."""

import asyncio
from contextlib import ExitStack
from uuid import UUID, uuid4

import pytest

from dashboard.content import seats

FOX, OWL = uuid4(), uuid4()


def sit(stack: ExitStack, user: int, video: UUID, worker: asyncio.Task[object] | None = None) -> seats.Seat:
    seat = stack.enter_context(seats.seat(user, video))
    seat.worker = worker
    return seat


async def test_it_frees_the_seat_however_the_video_ends() -> None:
    with pytest.raises(RuntimeError), seats.seat(1, FOX):
        raise RuntimeError
    assert seats.taken() == 0


async def test_it_refuses_a_member_a_fifth_video() -> None:
    with ExitStack() as stack:
        for _ in range(4):
            sit(stack, 1, FOX)
        with pytest.raises(seats.Busy), seats.seat(1, OWL):
            pass
        sit(stack, 2, OWL)
    assert seats.taken() == 0


async def test_it_ends_the_oldest_stream_of_the_video_that_is_opened_again() -> None:
    with ExitStack() as stack:
        streams = [asyncio.create_task(asyncio.Event().wait()) for _ in range(4)]
        for video, stream in zip((OWL, FOX, FOX, OWL), streams, strict=True):
            sit(stack, 1, video, stream)
        sit(stack, 1, FOX)
        await asyncio.wait(streams[1:2])
        assert [stream.cancelled() for stream in streams] == [False, True, False, False]
        assert seats.taken() == 4
        for stream in streams:
            stream.cancel()
    assert seats.taken() == 0


async def test_it_leaves_alone_what_is_still_being_opened() -> None:
    with ExitStack() as stack:
        for _ in range(4):
            sit(stack, 1, FOX)
        with pytest.raises(seats.Busy), seats.seat(1, FOX):
            pass


async def test_it_has_an_end_for_all_members_together() -> None:
    with ExitStack() as stack:
        for user in range(32):
            sit(stack, user, FOX)
        with pytest.raises(seats.Busy), seats.seat(99, FOX):
            pass
