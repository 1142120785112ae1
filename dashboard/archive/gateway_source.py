"""Opens videos for the archiver: like for a viewer, but always whole. Translates errors to failures of the copy."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import timedelta

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from django.utils.translation import gettext_noop

from dashboard.archive.archiver import Archiver
from dashboard.archive.retry_policy import Failure
from dashboard.archive.source_video import FetchFailed, SourceVideo
from dashboard.content import representation as video_facts
from dashboard.content import sources
from dashboard.content.opened_video import Changed, OpenedVideo
from dashboard.content.ranges import OverlongBody, TruncatedBody
from dashboard.content.sources import Gone, NoSource
from dashboard.keys import health
from dashboard.keys.models import ApiKey
from dashboard.tasks.models import Task, Video
from dashboard.upstream.errors import RateLimited, TaskNotFound, UpstreamError
from dashboard.upstream.secret import Secret


def new_archiver() -> Archiver:
    """Returns an archiver. With ARCHIVE=off, it only removes the copies of deleted tasks."""
    return Archiver(fetch if settings.ARCHIVE else None)


async def fetch(stack: AsyncExitStack, video: Video) -> SourceVideo:
    """Opens the whole of a claimed video. Raises FetchFailed."""
    try:
        return await _fetch(stack, await sync_to_async(_with_task)(video))
    finally:
        await sync_to_async(close_old_connections)()


async def _fetch(stack: AsyncExitStack, video: Video) -> SourceVideo:
    known, secret = video_facts.load(video), await sync_to_async(_secret_of)(video.task)
    try:
        opened = await sources.from_gateway(stack, video, secret, None, known)
    except UpstreamError as error:
        await sync_to_async(_record_failure)(video, error)
        raise FetchFailed(_failure(video.task, error)) from error

    def save_etag(size: int) -> str:
        return _save_representation(video, opened, size)

    metadata = opened.representation
    return SourceVideo(metadata.size, metadata.media_type, _chunks(video.task, opened), save_etag)


def _with_task(video: Video) -> Video:
    """Reads the video again, with its task and the task's key. Raises FetchFailed if the task was deleted."""
    found = Video.objects.select_related("task__key__owner").filter(pk=video.pk, task__isnull=False).first()
    if found is None:
        raise FetchFailed(Failure(gettext_noop("The task was deleted.")))
    return found


def _secret_of(task: Task | None) -> Secret | None:
    """Returns the task's secret; None if the key is refused or rate limited, which copying must not make worse."""
    rests = (
        task is not None
        and task.key is not None
        and (task.key.state == ApiKey.State.REFUSED or task.key.is_rate_limited)
    )
    return None if rests else sources.secret_of(task, to_finish=True)


def _record_failure(video: Video, error: UpstreamError) -> None:
    known, task = video_facts.load(video), video.task
    if isinstance(error, Changed) and known is not None:
        video_facts.invalidate(video, known)
    elif isinstance(error, RateLimited) and task is not None and task.key is not None and error.retry_after is not None:
        now = timezone.now()
        health.record_rate_limit(task.key, now + timedelta(seconds=error.retry_after), now)


def _failure(task: Task | None, error: UpstreamError) -> Failure:
    if isinstance(error, NoSource):
        # Without a key the video is lost; but a paused key may work again, and an account may be reactivated.
        return Failure(
            gettext_noop("There is no key to fetch it with, or none that may be used."),
            is_gone=task is None or task.key is None or bool(task.key.revoked_at),
        )
    retry_after = error.retry_after if isinstance(error, RateLimited) else None
    return Failure(error.message, is_gone=isinstance(error, Gone | TaskNotFound), retry_after=retry_after)


async def _chunks(task: Task | None, opened: OpenedVideo) -> AsyncGenerator[bytes, None]:
    try:
        async for chunk in opened.chunks:
            yield chunk
    except UpstreamError as error:
        raise FetchFailed(_failure(task, error)) from error
    except (TruncatedBody, OverlongBody) as error:
        raise FetchFailed(Failure(gettext_noop("The video has another length than the gateway said."))) from error


def _save_representation(video: Video, opened: OpenedVideo, size: int) -> str:
    """Stores the metadata unless it already is, and returns the ETag.

    Raises FetchFailed if the stored size is different.
    """
    learnt = opened.representation
    if learnt.size is None:
        learnt = video_facts.derive(video, size, opened.representation.media_type, opened.origin, opened.etag)
    kept = video_facts.save(video, learnt)
    if kept.size != size:
        raise FetchFailed(Failure(gettext_noop("Two openings of the video gave two sizes.")))
    return kept.etag
