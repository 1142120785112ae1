"""Opens films for the archiver: as for a viewer, but whole, and with what a failure means for keeping them."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import timedelta

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from dashboard.archive.archiver import RunningArchiver
from dashboard.archive.incoming import Incoming, Unobtainable
from dashboard.archive.models import FilmCopy
from dashboard.archive.retrying import Failure
from dashboard.content import facts as film_facts
from dashboard.content import sources
from dashboard.content.bodies import Changed, Film
from dashboard.content.ranges import Long, Short
from dashboard.content.sources import Gone, NoSource
from dashboard.keys import health
from dashboard.keys.models import ApiKey
from dashboard.tasks.models import Task
from dashboard.upstream.errors import RateLimited, TaskNotFound, UpstreamError
from dashboard.upstream.secret import Secret


def new_archiver() -> RunningArchiver:
    """With ARCHIVE=off it still removes the copies of deleted tasks."""
    return RunningArchiver(fetch if settings.ARCHIVE else None)


async def fetch(stack: AsyncExitStack, copy: FilmCopy) -> Incoming:
    """The whole film of a claimed copy's task. Raises Unobtainable."""
    try:
        return await _fetch(stack, await sync_to_async(_task_of)(copy))
    finally:
        await sync_to_async(close_old_connections)()


async def _fetch(stack: AsyncExitStack, task: Task) -> Incoming:
    known, secret = film_facts.known(task), await sync_to_async(_secret_of)(task)
    try:
        film = await sources.from_gateway(stack, task, secret, None, known)
    except UpstreamError as error:
        await sync_to_async(_note)(task, error)
        raise Unobtainable(_failure(task, error)) from error

    def tag(size: int) -> str:
        return _tag(task, film, size)

    return Incoming(film.facts.size, film.facts.media_type, _chunks(task, film), tag)


def _task_of(copy: FilmCopy) -> Task:
    task = Task.objects.select_related("key__owner").filter(pk=copy.pk).first()
    if task is None:
        raise Unobtainable(Failure("The task was deleted."))
    return task


def _secret_of(task: Task) -> Secret | None:
    """None also for a key that the gateway refuses or has slowed down: keeping films must not make that worse."""
    rests = task.key is not None and (task.key.state == ApiKey.State.REFUSED or task.key.is_slowed)
    return None if rests else sources.secret_of(task, to_finish=True)


def _note(task: Task, error: UpstreamError) -> None:
    known = film_facts.known(task)
    if isinstance(error, Changed) and known is not None:
        film_facts.forget(task, known)
    elif isinstance(error, RateLimited) and task.key is not None and error.retry_after is not None:
        now = timezone.now()
        health.back_off(task.key, now + timedelta(seconds=error.retry_after), now)


def _failure(task: Task, error: UpstreamError) -> Failure:
    if isinstance(error, NoSource):
        # Without a key nobody can fetch it any more; a key that rests may work again, and an account be opened again.
        return Failure(
            "There is no key to fetch it with, or none that may be used.",
            is_gone=task.key is None or bool(task.key.revoked_at),
        )
    retry_after = error.retry_after if isinstance(error, RateLimited) else None
    return Failure(error.message, is_gone=isinstance(error, Gone | TaskNotFound), retry_after=retry_after)


async def _chunks(task: Task, film: Film) -> AsyncGenerator[bytes, None]:
    try:
        async for chunk in film.chunks:
            yield chunk
    except UpstreamError as error:
        raise Unobtainable(_failure(task, error)) from error
    except (Short, Long) as error:
        raise Unobtainable(Failure("The video has another length than the gateway said.")) from error


def _tag(task: Task, film: Film, size: int) -> str:
    """Keeps the facts with the task, if nobody was faster; then his count."""
    learnt = film.facts
    if learnt.size is None:
        learnt = film_facts.learn(task, size, film.facts.media_type, film.origin, film.etag)
    kept = film_facts.remember(task, learnt)
    if kept.size != size:
        raise Unobtainable(Failure("Two openings of the video gave two sizes."))
    return kept.etag
