"""content.ranges.cut: the requested bytes of a body, however it is split into chunks."""

from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.content import ranges


class Pieces:
    """A body in pieces that counts how many were read."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.left = list(pieces)

    async def chunks(self) -> AsyncIterator[bytes]:
        while self.left:
            yield self.left.pop(0)


async def cut(pieces: Sequence[bytes], start: int, stop: int, *, ends: bool = False) -> bytes:
    return b"".join([chunk async for chunk in ranges.cut(Pieces(pieces).chunks(), start, stop, ends=ends)])


@given(st.lists(st.binary(max_size=9), max_size=9), st.integers(0, 90), st.integers(1, 90))
async def test_it_agrees_with_slices(pieces: list[bytes], start: int, length: int) -> None:
    body = b"".join(pieces)
    if start + length > len(body):
        with pytest.raises(ranges.TruncatedBody):
            await cut(pieces, start, start + length)
    else:
        assert await cut(pieces, start, start + length) == body[start : start + length]


@given(st.lists(st.binary(max_size=9), max_size=9), st.integers(1, 90))
async def test_it_holds_a_body_to_its_promised_end(pieces: list[bytes], length: int) -> None:
    body = b"".join(pieces)
    if length == len(body):
        assert await cut(pieces, 0, length, ends=True) == body
    else:
        with pytest.raises((ranges.TruncatedBody, ranges.OverlongBody)):
            await cut(pieces, 0, length, ends=True)


async def test_it_reads_nothing_after_the_last_byte() -> None:
    body = Pieces([b"abc", b"def", b"ghi"])
    assert [chunk async for chunk in ranges.cut(body.chunks(), 1, 5)] == [b"bc", b"de"]
    assert body.left == [b"ghi"]


async def test_it_holds_back_the_last_bytes_of_a_body_that_goes_on() -> None:
    chunks = ranges.cut(Pieces([b"abc", b"def", b"", b"x"]).chunks(), 0, 6, ends=True)
    assert await anext(chunks) == b"abc"
    with pytest.raises(ranges.OverlongBody):
        await anext(chunks)


async def test_it_passes_whole_chunks_on_uncopied() -> None:
    chunk = bytes(1000)
    assert [piece is chunk async for piece in ranges.cut(Pieces([chunk]).chunks(), 0, 1000)] == [True]
