"""Responses for a video: 200, 206, 304, 412 and 416, with our own headers only."""

import asyncio
import weakref
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from django.http import HttpResponse, StreamingHttpResponse

from dashboard.content import disposition, ranges, representation
from dashboard.content.content_metrics import content_metrics
from dashboard.content.ranges import Decision
from dashboard.content.representation import Representation
from dashboard.tasks.models import Video
from dashboard.videos import files
from dashboard.web import headers

_leaving: set[asyncio.Task[None]] = set()  # the event loop keeps only weak references to tasks


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield


class VideoResponse(StreamingHttpResponse):
    """Streams a video. Closes its source as soon as the viewer disconnects, at any stage of the response."""

    def __init__(
        self, status: int, fields: dict[str, str], video: AsyncIterator[bytes], source: AsyncExitStack
    ) -> None:
        super().__init__(video, status=status, headers=fields)
        self._video = video
        self._source = source
        # A response that middleware drops is never closed, only garbage collected.
        self._close_source = weakref.finalize(self, _close_soon, asyncio.get_running_loop(), source)
        self._close_source.atexit = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # Replaces Django's, whose two additional generators are closed some time after the viewer has disconnected.
        try:
            async for chunk in self._video:
                yield chunk
                content_metrics.sent += len(chunk)
        finally:
            await self._source.aclose()

    def close(self) -> None:
        self._close_source()
        super().close()


def _close_soon(loop: asyncio.AbstractEventLoop, source: AsyncExitStack) -> None:
    def start() -> None:
        leaving = loop.create_task(source.aclose())
        _leaving.add(leaving)
        leaving.add_done_callback(_leaving.discard)

    if not loop.is_closed():
        loop.call_soon_threadsafe(start)


def bodiless_response(video: Video, metadata: Representation, decision: Decision, *, download: bool) -> VideoResponse:
    """Returns a response without a body: to HEAD, or a 304, 412 or 416."""
    fields = header_fields(video, metadata, decision, download=download)
    return VideoResponse(decision.status, fields, _nothing(), AsyncExitStack())


def x_accel_response(video: Video, metadata: Representation, *, download: bool) -> HttpResponse:
    """Returns a response that makes the proxy send our copy, or the requested range of it."""
    fields = header_fields(video, metadata, Decision(200), download=download)
    for name in ("Content-Length", "Accept-Ranges"):  # the proxy adds these
        del fields[name]
    return HttpResponse(headers={**fields, "X-Accel-Redirect": f"/_videos/{files.relative_path(video.pk)}"})


def header_fields(video: Video, metadata: Representation, decision: Decision, *, download: bool) -> dict[str, str]:
    """Returns all headers of the response. None of them has unchecked values from the source."""
    version = representation.version(video, metadata)
    fields = {
        **headers.VIDEO,
        "Content-Type": metadata.media_type,
        "Content-Disposition": disposition.disposition(_title(video), metadata.media_type, download=download),
        "ETag": metadata.etag,
        "Last-Modified": ranges.last_modified(version) or "",
        "Accept-Ranges": "bytes" if metadata.size is not None else "",
        "Content-Length": _length(metadata, decision),
        "Content-Range": _content_range(metadata, decision),
    }
    return {name: value for name, value in fields.items() if value}


def _title(video: Video) -> str:
    title = video.task.title if video.task else ""
    return title if video.position == 1 else f"{title} {video.position}"


def _length(metadata: Representation, decision: Decision) -> str:
    # A 304 has no content, and its Content-Length would have to be that of the video (RFC 9110 section 8.6).
    if decision.status == 304 or (decision.status == 200 and metadata.size is None):
        return ""
    if decision.status == 200:
        return str(metadata.size)
    return str(decision.byte_range.length) if decision.byte_range else "0"


def _content_range(metadata: Representation, decision: Decision) -> str:
    if decision.status not in (206, 416) or metadata.size is None:
        return ""
    return ranges.content_range(decision.byte_range, metadata.size)
