"""Reads our own copy of a video from disk."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from asgiref.sync import sync_to_async

from dashboard.content.opened_video import OpenedVideo
from dashboard.content.ranges import ByteRange, TruncatedBody
from dashboard.content.representation import Representation
from dashboard.tasks.models import Video
from dashboard.threads import ThreadPool
from dashboard.videos import access

PIECE = 512 * 1024  # bytes per read; the next piece is read while this one is sent

_readers = ThreadPool("video-reader", 4)


class LocalCopy:
    """A file descriptor that is closed once no read is in progress."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._reading: asyncio.Future[bytes] | None = None

    async def chunks(self, byte_range: ByteRange) -> AsyncIterator[bytes]:
        """Yields exactly these bytes. Raises TruncatedBody if the file is shorter."""
        position = byte_range.start
        coming = self._read(position, byte_range)
        while position < byte_range.stop:
            piece = await coming
            if not piece:
                raise TruncatedBody
            position += len(piece)
            if position < byte_range.stop:
                coming = self._read(position, byte_range)
            yield piece

    def _read(self, position: int, byte_range: ByteRange) -> "asyncio.Future[bytes]":
        size = min(PIECE, byte_range.stop - position)
        self._reading = _readers.start(os.pread, self._descriptor, size, position)
        return self._reading

    def close(self) -> None:
        if self._reading is None or self._reading.done():
            os.close(self._descriptor)
        else:
            # A thread may still be reading, and a closed descriptor number is reused by the next open file.
            _readers.submit(os.close, self._descriptor)


async def exists(video: Video) -> bool:
    async with AsyncExitStack() as stack:
        return await _open(stack, video) is not None


async def open_video(
    stack: AsyncExitStack, video: Video, wanted: ByteRange | None, known: Representation | None
) -> OpenedVideo | None:
    """Opens our copy at `wanted` (None: all); `stack` closes it. Returns None if there is no matching copy."""
    copy = await _open(stack, video) if known else None
    if copy is None or known is None or known.size is None:
        return None
    return OpenedVideo(known, copy.chunks(wanted or ByteRange(0, known.size)), "copy", None)


async def _open(stack: AsyncExitStack, video: Video) -> LocalCopy | None:
    if video.kept_at is None:
        return None
    descriptor = await _readers.run(access.open_copy, video)
    if descriptor is None:
        await sync_to_async(access.schedule_check)(video)
        return None
    copy = LocalCopy(descriptor)
    stack.callback(copy.close)
    return copy
