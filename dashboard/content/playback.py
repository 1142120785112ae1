"""From a request for a video to its answer: decided from known metadata if possible, else opened."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dashboard.accounts.models import User
from dashboard.content import local_copy, problems, ranges, representation, responses, seats, sources
from dashboard.content.access_recheck import AccessRecheck
from dashboard.content.opened_video import Changed, OpenedVideo
from dashboard.content.ranges import ByteRange, Decision
from dashboard.content.representation import Representation
from dashboard.content.responses import VideoResponse
from dashboard.content.seats import Busy, Seat
from dashboard.logs.filters import TransferAborted
from dashboard.tasks.models import Task
from dashboard.upstream.errors import UpstreamError
from dashboard.web import server_extension

logger = logging.getLogger(__name__)

# With one of these the answer may be none of the video at all, or another part than the range says.
CONDITIONS = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range")


async def serve(request: HttpRequest, viewer: User, task: Task, find: Callable[[User], object]) -> HttpResponseBase:
    """The video of `task` for somebody who may see it, or a page that says why there is none.

    `find` raises Http404 once the viewer may see it no more.
    """
    # Reading the (empty) body closes the file that it is in, which Django forgets to do for an answer that breaks off.
    _ = request.body
    problem = problems.of_task(task)
    if problem is not None:
        return problems.page(request, problem)
    try:
        async with AsyncExitStack() as stack:
            return await _serve(request, viewer, task, find, stack)
    except (UpstreamError, Busy) as error:
        return problems.page(request, problems.of_error(error))


async def _serve(
    request: HttpRequest, viewer: User, task: Task, find: Callable[[User], object], stack: AsyncExitStack
) -> HttpResponseBase:
    metadata = representation.load(task)
    if metadata and not _has_body(request, _decide(request, task, metadata)):
        return _bare(request, task, metadata)
    if metadata and _can_x_accel(request) and await local_copy.exists(task):
        return responses.x_accel_response(task, metadata, download=_is_download(request))
    seat = stack.enter_context(seats.seat(viewer.pk, task.pk))
    _bind(seat, getattr(request, "scope", {}))
    if metadata is None and _depends_on_metadata(request):
        metadata = await _derive(task)
        if not _has_body(request, _decide(request, task, metadata)):
            return _bare(request, task, metadata)
    video, decision = await _opened(request, task, metadata, stack)
    fields = responses.header_fields(task, video.representation, decision, download=_is_download(request))
    # A video may flow for an hour; a database connection that waits for its end would be missed elsewhere.
    await sync_to_async(close_old_connections)()
    recheck = AccessRecheck(request.session.session_key, find)
    await stack.enter_async_context(recheck.watched(partial(_revoke, task, seat)))  # guard: content-ends-with-access
    return VideoResponse(decision.status, fields, _stream(video, task, seat), stack.pop_all())


def _revoke(task: Task, seat: Seat) -> None:
    logger.warning("video of task %s broken off: its viewer may not see it any more", task.pk)
    seat.break_off()


def _bind(seat: Seat, scope: Mapping[str, Any]) -> None:
    seat.abort = server_extension.offered(scope, "abort")
    seat.stalled_for = server_extension.offered(scope, "stalled_for") or seat.stalled_for


def _can_x_accel(request: HttpRequest) -> bool:
    """nginx reads one range and If-Range as we do. It refuses what we ignore, and knows no tag when it looks at the
    other conditions; those requests stay here."""
    field = request.headers.get("Range")
    understood = field is None or ranges.parse_range(field) is not None
    others = any(name in request.headers for name in CONDITIONS if name != "If-Range")
    return bool(settings.X_ACCEL) and understood and not others


async def _opened(
    request: HttpRequest, task: Task, metadata: Representation | None, stack: AsyncExitStack
) -> tuple[OpenedVideo, Decision]:
    if metadata is not None and metadata.size is not None:
        decision = _decide(request, task, metadata)
        return await _open(stack, task, decision.byte_range, metadata), decision
    video = await _open(stack, task, None, None)
    video = await _saved(task, video)
    decision = _decide(request, task, video.representation)
    return (video.up_to(decision.byte_range.stop) if decision.byte_range else video), decision


def _decide(request: HttpRequest, task: Task, metadata: Representation) -> Decision:
    return ranges.decide(request.method or "", request.headers, representation.version(task, metadata))


def _has_body(request: HttpRequest, decision: Decision) -> bool:
    return request.method == "GET" and decision.status in (200, 206)


def _bare(request: HttpRequest, task: Task, metadata: Representation) -> VideoResponse:
    decision = _decide(request, task, metadata)
    return responses.bodiless_response(task, metadata, decision, download=_is_download(request))


def _is_download(request: HttpRequest) -> bool:
    return request.GET.get("download") == "1"


def _depends_on_metadata(request: HttpRequest) -> bool:
    """Could the answer to a video that is opened from its first byte on turn out to be something else?"""
    spec = ranges.parse_range(request.headers.get("Range"))
    return (
        request.method != "GET"
        or (spec is not None and spec.first != 0)
        or any(name in request.headers for name in CONDITIONS)
    )


async def _derive(task: Task) -> Representation:
    async with AsyncExitStack() as stack:
        video = await _saved(task, await _open(stack, task, None, None))
    return video.representation


async def _open(
    stack: AsyncExitStack, task: Task, wanted: ByteRange | None, known: Representation | None
) -> OpenedVideo:
    try:
        return await sources.open_video(stack, task, wanted, known)
    except Changed:
        if known is not None:
            await sync_to_async(representation.invalidate)(task, known)
        raise


async def _saved(task: Task, video: OpenedVideo) -> OpenedVideo:
    """Returns the video with the stored metadata: that of whoever opened it first."""
    metadata = await sync_to_async(representation.save)(task, video.representation)
    if metadata.size != video.representation.size:
        raise Changed("Two openings of the video gave two sizes.")
    return replace(video, representation=metadata)


async def _stream(video: OpenedVideo, task: Task, seat: Seat) -> AsyncIterator[bytes]:
    seat.worker = asyncio.current_task()
    size = 0
    try:
        async for chunk in video.chunks:
            size += len(chunk)
            yield chunk
    except (UpstreamError, ranges.TruncatedBody, ranges.OverlongBody) as error:
        # So that the server drops the connection: a clean end would pass for the end of the video.
        logger.warning("video of task %s broken off after %d bytes (%s)", task.pk, size, type(error).__name__)
        raise TransferAborted from error
    if video.representation.size is None:
        # It ended where its source said that it ends, so now there is a size, and ranges from the next request on.
        metadata = representation.derive(task, size, video.representation.media_type, video.origin, video.etag)
        await sync_to_async(representation.save)(task, metadata)
        await sync_to_async(close_old_connections)()
