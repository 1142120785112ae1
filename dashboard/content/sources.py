"""Opens a video: our own copy, else the gateway's `/content` with the task's key, else the video's URL."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from functools import partial

from asgiref.sync import sync_to_async
from django.utils import timezone
from django.utils.translation import gettext_noop

from dashboard.content import local_copy, media, opened_video, ranges
from dashboard.content.opened_video import Changed, OpenedVideo, Unmeasured
from dashboard.content.ranges import ByteRange
from dashboard.content.representation import Origin, Representation
from dashboard.database import release_connection
from dashboard.keys import actions as key_actions
from dashboard.keys.sealing import SealBroken
from dashboard.keys.usage import KeyUnusable
from dashboard.tasks import answer_fields, writes
from dashboard.tasks.models import Task, Video
from dashboard.upstream import client, inline_videos
from dashboard.upstream.apis import Api
from dashboard.upstream.client import Reply
from dashboard.upstream.errors import (
    BlockedAddress,
    InvalidResponse,
    KeyRefused,
    NotReady,
    NotVideo,
    RateLimited,
    TaskNotFound,
    TimedOut,
    Unavailable,
    UpstreamError,
)
from dashboard.upstream.secret import Secret
from dashboard.upstream.video_body import Body
from dashboard.videos import access as copies

logger = logging.getLogger(__name__)

Open = Callable[..., AbstractAsyncContextManager[Body]]


class Gone(UpstreamError):
    """The video is no longer available: its URL has expired, or the gateway has deleted it.

    `is_certain` is False if the gateway couldn't be asked for a new URL.
    """

    is_certain = True


class AddressNeedsKey(UpstreamError):
    """The video's URL has never worked: it requires a key, which may only be sent to the gateway."""


class NoSource(UpstreamError):
    """There is neither a key to request the video from the gateway with, nor a URL."""


# Of several failures, the most useful one is reported. Subclasses come before their base classes.
ERROR_PRIORITY = (
    KeyRefused,
    RateLimited,
    TimedOut,
    Unavailable,
    Changed,
    Unmeasured,
    NotVideo,
    InvalidResponse,
    BlockedAddress,
    NotReady,
    AddressNeedsKey,
    Gone,
    UpstreamError,
)


async def open_video(
    stack: AsyncExitStack, video: Video, wanted: ByteRange | None, known: Representation | None
) -> OpenedVideo:
    """Opens the video at `wanted` (None: all of it); `stack` closes it. Raises the most useful UpstreamError.

    If `known` is None, `wanted` must be None too: the metadata is derived from the whole video.
    """
    opened = await local_copy.open_video(stack, video, wanted, known)
    if opened is not None:
        return opened
    secret = await sync_to_async(secret_of)(video.task)
    await sync_to_async(release_connection)()
    opened = await from_gateway(stack, video, secret, wanted, known)
    await sync_to_async(copies.requeue)(video)
    return opened


async def from_gateway(
    stack: AsyncExitStack, video: Video, secret: Secret | None, wanted: ByteRange | None, known: Representation | None
) -> OpenedVideo:
    """Opens the video like `open_video`, but never our own copy.

    Requests `/content`, which only has the task's first video, unless `secret` is None.
    """
    task = video.task
    attempt = partial(_attempt, stack, video, wanted, known)
    failures: list[UpstreamError] = []
    if secret is not None and task is not None and video.position == 1:
        outcome = await attempt("content", partial(client.shared().open_content, task.upstream_id, secret))
        if isinstance(outcome, OpenedVideo):
            return outcome
        failures.append(outcome)
    index = inline_videos.index_of(video.url)
    if index is not None and task is not None and secret is not None:
        opening = partial(client.shared().open_inline, task.upstream_id, secret, index, api=Api(task.api))
        outcome = await attempt("url", opening)
        if isinstance(outcome, OpenedVideo):
            return outcome
        failures.append(outcome)
    elif video.url and index is None:
        outcome = await attempt("url", partial(client.shared().open_url, video.url))
        if isinstance(outcome, Gone | AddressNeedsKey):
            is_new = await _renew_url(video, secret) if secret is not None else None
            if is_new:
                outcome = await attempt("url", partial(client.shared().open_url, video.url))
            elif is_new is None and isinstance(outcome, Gone):
                outcome.is_certain = False
        if isinstance(outcome, OpenedVideo):
            return outcome
        failures.append(outcome)
    raise _highest_priority(failures)


async def _attempt(
    stack: AsyncExitStack,
    video: Video,
    wanted: ByteRange | None,
    known: Representation | None,
    origin: Origin,
    source: Open,
) -> OpenedVideo | UpstreamError:
    part = _detectable_range(wanted, known)
    async with AsyncExitStack() as trial:
        try:
            body = await trial.enter_async_context(source(range_header=_range_field(part, known)))
            opened = await opened_video.open_body(video, origin, body, part, known)
        except UpstreamError as error:
            return _classify(error, origin, worked_before=known is not None)
        stack.push_async_exit(trial.pop_all())
        return opened.up_to(wanted.length) if wanted and wanted != part else opened


def _detectable_range(wanted: ByteRange | None, known: Representation | None) -> ByteRange | None:
    """Returns `wanted`, extended if it has too little of the video's beginning to detect the type."""
    if wanted is None or known is None or known.size is None or wanted.start > 0:
        return wanted
    return ByteRange(0, max(wanted.stop, min(media.HEAD, known.size)))


def _range_field(part: ByteRange | None, known: Representation | None) -> str | None:
    # The first request is for "bytes=0-", as a 206 has the total size even if a 200 would have no Content-Length.
    if known is None:
        return "bytes=0-"
    return ranges.range_field(part) if part else None


def _classify(error: UpstreamError, origin: Origin, *, worked_before: bool) -> UpstreamError:
    """Turns errors that mean the video is gone, or that its URL needs a key, into Gone and AddressNeedsKey.

    A URL needs a key if it never worked, responds with 401 or 403, and doesn't say that it has expired. Any other
    refused URL is gone. On `/content`, only a 410 means that the video is gone.
    """
    status = error.raw.status if error.raw else None
    if origin == "url" and isinstance(error, TaskNotFound | KeyRefused):
        says_expired = "expired" in (error.raw.body.lower() if error.raw else "")
        refused = status in {401, 403} and not worked_before and not says_expired
        return AddressNeedsKey(error.message, error.raw) if refused else Gone(error.message, error.raw)
    return Gone(error.message, error.raw) if isinstance(error, TaskNotFound) and status == 410 else error


def _highest_priority(failures: Sequence[UpstreamError]) -> UpstreamError:
    if not failures:
        return NoSource(gettext_noop("There is no key and no address."))
    return min(
        failures, key=lambda error: next(rank for rank, kind in enumerate(ERROR_PRIORITY) if isinstance(error, kind))
    )


def secret_of(task: Task | None, *, to_finish: bool = False) -> Secret | None:
    """Returns the task's secret; None if there is none that may be used. `to_finish`: whether it is for our copy."""
    if task is None or task.key is None or not task.upstream_id:
        return None
    try:
        return key_actions.open_secret(task.key, to_finish=to_finish)
    except KeyUnusable:
        return None
    except SealBroken as error:
        logger.warning("video of task %s: its key does not open (%s)", task.pk, error)
        return None


async def _renew_url(video: Video, secret: Secret) -> bool | None:
    """Requests the task again, as signed URLs expire and a new answer may have a new one.

    Returns whether there is a new URL, None if the request failed.
    """
    task = video.task
    assert task is not None
    try:
        reply = await client.shared().retrieve(task.upstream_id, secret, api=Api(task.api))
    except TaskNotFound:
        return False
    except UpstreamError:
        return None
    return await sync_to_async(_save_urls)(video, task, reply)


def _save_urls(video: Video, task: Task, reply: Reply) -> bool:
    """Saves the answer. Returns whether `video` has a new URL."""
    old = video.url
    change = answer_fields.apply_reply(task, reply, timezone.now())
    if change.kind:
        # If this fails, another answer was saved first, whose URLs are as new as ours, or the task was deleted.
        writes.apply_change(task, change)
        with suppress(Video.DoesNotExist):
            video.refresh_from_db(fields=["url"])
    return video.url not in ("", old)
