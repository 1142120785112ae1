"""Opens videos for the archiver: as for a viewer, but whole, and with what a failure means for keeping them."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import timedelta

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

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
from dashboard.tasks.models import Task
from dashboard.upstream.errors import RateLimited, TaskNotFound, UpstreamError
from dashboard.upstream.secret import Secret
from dashboard.videos.models import VideoCopy


def new_archiver() -> Archiver:
    """With ARCHIVE=off it still removes the copies of deleted tasks."""
    return Archiver(fetch if settings.ARCHIVE else None)


async def fetch(stack: AsyncExitStack, copy: VideoCopy) -> SourceVideo:
    """The whole video of a claimed copy's task. Raises Unobtainable."""
    try:
        return await _fetch(stack, await sync_to_async(_task_of)(copy))
    finally:
        await sync_to_async(close_old_connections)()


async def _fetch(stack: AsyncExitStack, task: Task) -> SourceVideo:
    known, secret = video_facts.load(task), await sync_to_async(_secret_of)(task)
    try:
        video = await sources.from_gateway(stack, task, secret, None, known)
    except UpstreamError as error:
        await sync_to_async(_record_failure)(task, error)
        raise FetchFailed(_failure(task, error)) from error

    def tag(size: int) -> str:
        return _save_representation(task, video, size)

    return SourceVideo(video.representation.size, video.representation.media_type, _chunks(task, video), tag)


def _task_of(copy: VideoCopy) -> Task:
    task = Task.objects.select_related("key__owner").filter(pk=copy.pk).first()
    if task is None:
        raise FetchFailed(Failure("The task was deleted."))
    return task


def _secret_of(task: Task) -> Secret | None:
    """None also for a key that the gateway refuses or has slowed down: keeping videos must not make that worse."""
    rests = task.key is not None and (task.key.state == ApiKey.State.REFUSED or task.key.is_rate_limited)
    return None if rests else sources.secret_of(task, to_finish=True)


def _record_failure(task: Task, error: UpstreamError) -> None:
    known = video_facts.load(task)
    if isinstance(error, Changed) and known is not None:
        video_facts.invalidate(task, known)
    elif isinstance(error, RateLimited) and task.key is not None and error.retry_after is not None:
        now = timezone.now()
        health.record_rate_limit(task.key, now + timedelta(seconds=error.retry_after), now)


def _failure(task: Task, error: UpstreamError) -> Failure:
    if isinstance(error, NoSource):
        # Without a key nobody can fetch it any more; a key that rests may work again, and an account be opened again.
        return Failure(
            "There is no key to fetch it with, or none that may be used.",
            is_gone=task.key is None or bool(task.key.revoked_at),
        )
    retry_after = error.retry_after if isinstance(error, RateLimited) else None
    return Failure(error.message, is_gone=isinstance(error, Gone | TaskNotFound), retry_after=retry_after)


async def _chunks(task: Task, video: OpenedVideo) -> AsyncGenerator[bytes, None]:
    try:
        async for chunk in video.chunks:
            yield chunk
    except UpstreamError as error:
        raise FetchFailed(_failure(task, error)) from error
    except (TruncatedBody, OverlongBody) as error:
        raise FetchFailed(Failure("The video has another length than the gateway said.")) from error


def _save_representation(task: Task, video: OpenedVideo, size: int) -> str:
    """Keeps the facts with the task, if nobody was faster; then his count."""
    learnt = video.representation
    if learnt.size is None:
        learnt = video_facts.derive(task, size, video.representation.media_type, video.origin, video.etag)
    kept = video_facts.save(task, learnt)
    if kept.size != size:
        raise FetchFailed(Failure("Two openings of the video gave two sizes."))
    return kept.etag
