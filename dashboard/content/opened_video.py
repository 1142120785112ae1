"""Turns an open response into the wanted bytes of the video: checks it first, then cuts the bytes out.

A response is rejected if it contradicts itself, the request, or what is known about the video: a wrong byte in a 206 is
worse than no video.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext_noop

from dashboard.content import media, ranges, representation
from dashboard.content.ranges import ByteRange
from dashboard.content.representation import Origin, Representation
from dashboard.tasks.models import Video
from dashboard.upstream.error_texts import error_text
from dashboard.upstream.errors import InvalidResponse, NotVideo, UpstreamError
from dashboard.upstream.video_body import Body


class Changed(UpstreamError):
    """The source has a different video than the one that the stored metadata was derived from."""


class Picture(UpstreamError):
    """The file is a picture: it can be downloaded, but not played."""


class Unmeasured(UpstreamError):
    """The source neither sends the length nor marks the end, so a truncated video would look complete."""


@dataclass(frozen=True, slots=True)
class OpenedVideo:
    """An open video. `chunks` yields exactly the wanted bytes, or everything while the size is unknown."""

    representation: Representation
    chunks: AsyncIterator[bytes]
    origin: Origin
    etag: str | None  # of the source

    def up_to(self, size: int) -> "OpenedVideo":
        """Returns the same video, cut after `size` bytes."""
        return replace(self, chunks=ranges.cut(self.chunks, 0, size))


@dataclass(frozen=True, slots=True)
class Extent:
    """The part of the video that a body has: from `start` up to `stop`, of `total`; None if unknown."""

    start: int
    stop: int | None
    total: int | None


async def open_body(
    video: Video, origin: Origin, body: Body, byte_range: ByteRange | None, known: Representation | None
) -> OpenedVideo:
    """Returns the wanted bytes (None: all) from the response to a request for them. Raises UpstreamError."""
    extent = _extent(body, byte_range, known)
    if known is not None and known.contradicted_by(origin, body.etag):
        raise Changed(gettext_noop("The gateway names another version of the video than before."))
    chunks, media_type = body.chunks(), None
    if extent.start == 0:
        head = await _head(chunks)
        chunks, media_type = _rejoined(head, chunks), media.type_of(body.content_type, head)
        media_type = media_type or media.picture_type_of(head)
        if media_type is None:  # guard: only-videos-are-shown
            raise NotVideo(media.problem_of(head))
    metadata = known or representation.derive(video, extent.total, media_type or "", origin, body.etag)
    return OpenedVideo(metadata, _wanted(chunks, extent, byte_range, metadata), origin, body.etag)


def _wanted(
    chunks: AsyncIterator[bytes], extent: Extent, wanted: ByteRange | None, metadata: Representation
) -> AsyncIterator[bytes]:
    if metadata.size is None:
        return chunks
    byte_range = wanted or ByteRange(0, metadata.size)
    ends = byte_range.stop == (metadata.size if extent.stop is None else extent.stop)
    return ranges.cut(chunks, byte_range.start - extent.start, byte_range.stop - extent.start, ends=ends)


def _extent(body: Body, wanted: ByteRange | None, known: Representation | None) -> Extent:
    if body.status == 200:
        extent = Extent(0, body.length, body.length)
        if body.length is None and known is None and not body.framed:
            raise Unmeasured(gettext_noop("The gateway does not say where the video ends."))
    elif body.status == 206 and (wanted or known is None):
        extent = _part(body)
    elif body.status == 416 and known is not None:
        raise Changed(gettext_noop("The video is shorter than it was."))
    else:
        text = gettext_noop("The gateway answered %(status)s to a request for a video.")
        raise InvalidResponse(error_text(text, status=body.status))
    if extent.total == 0:
        raise NotVideo(gettext_noop("The video is empty."))
    if known is not None and extent.total not in (None, known.size):  # guard: video-size-is-constant
        raise Changed(gettext_noop("The video has another size than before."))
    expected = (wanted.start, wanted.stop) if wanted else (0, extent.total)
    if body.status == 206 and (extent.start, extent.stop) != expected:  # guard: part-is-the-one-asked-for
        raise InvalidResponse(gettext_noop("The gateway sent another part of the video than the one asked for."))
    return extent


def _part(body: Body) -> Extent:
    part = ranges.parse_content_range(body.content_range)
    if part is None or body.length not in (None, part.byte_range.length):  # guard: part-is-as-long-as-it-says
        raise InvalidResponse(gettext_noop("The gateway sent a part of the video without saying which."))
    return Extent(part.byte_range.start, part.byte_range.stop, part.total)


async def _head(chunks: AsyncIterator[bytes]) -> bytes:
    """Reads enough of the beginning to detect the type, or everything if there is less."""
    head = b""
    while len(head) < media.HEAD:
        chunk = await anext(chunks, None)
        if chunk is None:
            break
        head = head + chunk if head else chunk
    return head


async def _rejoined(head: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for chunk in chunks:
        yield chunk
