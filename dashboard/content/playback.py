"""Responds to requests for a video, from stored metadata if possible, otherwise by opening the video."""

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
from django.utils.translation import gettext_noop

from dashboard.accounts.models import User
from dashboard.content import local_copy, media, problems, ranges, representation, responses, seats, sources
from dashboard.content.access_recheck import AccessRecheck
from dashboard.content.opened_video import Changed, OpenedVideo, Picture
from dashboard.content.ranges import ByteRange, Decision
from dashboard.content.representation import Representation
from dashboard.content.responses import VideoResponse
from dashboard.content.seats import Busy, Seat
from dashboard.content.sources import Gone
from dashboard.logs.filters import TransferAborted
from dashboard.tasks.models import Video
from dashboard.upstream.errors import UpstreamError
from dashboard.videos import access as copies
from dashboard.web import server_extension

logger = logging.getLogger(__name__)

# With one of these headers, the response may have no body, or a different part than the Range header asks for.
CONDITIONS = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range")


async def serve(request: HttpRequest, viewer: User, video: Video, find: Callable[[User], object]) -> HttpResponseBase:
    """Returns the video for a viewer who has access to it, or a page that says why there is none.

    `find` raises Http404 once the viewer has lost access.
    """
    # Reading the (empty) body closes its temporary file, which Django doesn't do if the response is interrupted.
    _ = request.body
    problem = problems.of_video(video)
    if problem is not None:
        return problems.page(request, problem)
    try:
        async with AsyncExitStack() as stack:
            return await _serve(request, viewer, video, find, stack)
    except (UpstreamError, Busy) as error:
        if (
            isinstance(error, Gone) and error.is_certain and not settings.ARCHIVE
        ):  # the archive detects this on its own, after retries
            await sync_to_async(copies.mark_gone)(video)
        return problems.page(request, problems.of_error(error))


async def _serve(
    request: HttpRequest, viewer: User, video: Video, find: Callable[[User], object], stack: AsyncExitStack
) -> HttpResponseBase:
    metadata = representation.load(video)
    _check_plays(request, metadata)
    if metadata and not _has_body(request, _decide(request, video, metadata)):
        return _bare(request, video, metadata)
    if metadata and _can_x_accel(request) and await local_copy.exists(video):
        return responses.x_accel_response(video, metadata, download=_is_download(request))
    seat = stack.enter_context(seats.seat(viewer.pk, video.pk))
    _bind(seat, getattr(request, "scope", {}))
    if metadata is None and _depends_on_metadata(request):
        metadata = await _derive(video)
        _check_plays(request, metadata)
        if not _has_body(request, _decide(request, video, metadata)):
            return _bare(request, video, metadata)
    opened, decision = await _opened(request, video, metadata, stack)
    _check_plays(request, opened.representation)
    fields = responses.header_fields(video, opened.representation, decision, download=_is_download(request))
    # A video may be streamed for an hour; don't hold a database connection that long.
    await sync_to_async(close_old_connections)()
    recheck = AccessRecheck(request.session.session_key, find)
    await stack.enter_async_context(recheck.watched(partial(_revoke, video, seat)))  # guard: content-ends-with-access
    return VideoResponse(decision.status, fields, _stream(opened, video, seat), stack.pop_all())


def _check_plays(request: HttpRequest, metadata: Representation | None) -> None:
    """Raises Picture if the file can only be downloaded, not played."""
    problem = media.PICTURE_PROBLEMS.get(metadata.media_type) if metadata else None
    if problem and not _is_download(request):
        raise Picture(problem)


def _revoke(video: Video, seat: Seat) -> None:
    logger.warning("%s broken off: its viewer may not see it any more", video)
    seat.break_off()


def _bind(seat: Seat, scope: Mapping[str, Any]) -> None:
    seat.abort = server_extension.offered(scope, "abort")
    seat.stalled_for = server_extension.offered(scope, "stalled_for") or seat.stalled_for


def _can_x_accel(request: HttpRequest) -> bool:
    """Returns whether the proxy can respond to the request from our copy.

    nginx handles a single range and If-Range as we do. It rejects ranges that we ignore, and doesn't know the ETag when
    it evaluates the other conditions, so we handle those requests ourselves.
    """
    field = request.headers.get("Range")
    understood = field is None or ranges.parse_range(field) is not None
    others = any(name in request.headers for name in CONDITIONS if name != "If-Range")
    return bool(settings.X_ACCEL) and understood and not others


async def _opened(
    request: HttpRequest, video: Video, metadata: Representation | None, stack: AsyncExitStack
) -> tuple[OpenedVideo, Decision]:
    if metadata is not None and metadata.size is not None:
        decision = _decide(request, video, metadata)
        return await _open(stack, video, decision.byte_range, metadata), decision
    opened = await _saved(video, await _open(stack, video, None, None))
    decision = _decide(request, video, opened.representation)
    return (opened.up_to(decision.byte_range.stop) if decision.byte_range else opened), decision


def _decide(request: HttpRequest, video: Video, metadata: Representation) -> Decision:
    return ranges.decide(request.method or "", request.headers, representation.version(video, metadata))


def _has_body(request: HttpRequest, decision: Decision) -> bool:
    return request.method == "GET" and decision.status in (200, 206)


def _bare(request: HttpRequest, video: Video, metadata: Representation) -> VideoResponse:
    decision = _decide(request, video, metadata)
    return responses.bodiless_response(video, metadata, decision, download=_is_download(request))


def _is_download(request: HttpRequest) -> bool:
    return request.GET.get("download") == "1"


def _depends_on_metadata(request: HttpRequest) -> bool:
    """Returns whether the response may be anything other than the video from its first byte on."""
    spec = ranges.parse_range(request.headers.get("Range"))
    return (
        request.method != "GET"
        or (spec is not None and spec.first != 0)
        or any(name in request.headers for name in CONDITIONS)
    )


async def _derive(video: Video) -> Representation:
    async with AsyncExitStack() as stack:
        opened = await _saved(video, await _open(stack, video, None, None))
    return opened.representation


async def _open(
    stack: AsyncExitStack, video: Video, wanted: ByteRange | None, known: Representation | None
) -> OpenedVideo:
    try:
        return await sources.open_video(stack, video, wanted, known)
    except Changed:
        if known is not None:
            await sync_to_async(representation.invalidate)(video, known)
        raise


async def _saved(video: Video, opened: OpenedVideo) -> OpenedVideo:
    """Returns the video with the stored metadata, which is that of the first viewer who opened it."""
    metadata = await sync_to_async(representation.save)(video, opened.representation)
    if metadata.size != opened.representation.size:
        raise Changed(gettext_noop("Two openings of the video gave two sizes."))
    return replace(opened, representation=metadata)


async def _stream(opened: OpenedVideo, video: Video, seat: Seat) -> AsyncIterator[bytes]:
    seat.worker = asyncio.current_task()
    size = 0
    try:
        async for chunk in opened.chunks:
            size += len(chunk)
            yield chunk
    except (UpstreamError, ranges.TruncatedBody, ranges.OverlongBody) as error:
        # Makes the server drop the connection, since a clean end would look like the end of the video.
        logger.warning("%s broken off after %d bytes (%s)", video, size, type(error).__name__)
        raise TransferAborted from error
    if opened.representation.size is None:
        # The source marked the end, so the size is now known, and the next request can use ranges.
        metadata = representation.derive(video, size, opened.representation.media_type, opened.origin, opened.etag)
        await sync_to_async(representation.save)(video, metadata)
        await sync_to_async(close_old_connections)()
