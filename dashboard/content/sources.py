"""Where a film comes from: our own copy, else the gateway's `/content` with the task's key, else the result's `url`."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.utils import timezone

from dashboard.archive import access as copies
from dashboard.content import bodies, media, own, ranges
from dashboard.content.bodies import Changed, Film, Unmeasured
from dashboard.content.facts import Facts, Origin
from dashboard.content.ranges import Span
from dashboard.database import release_connection
from dashboard.keys import actions as key_actions
from dashboard.keys.sealing import SealBroken
from dashboard.keys.usage import KeyUnusable
from dashboard.tasks import changes, merging
from dashboard.tasks.models import Task
from dashboard.upstream import client
from dashboard.upstream.client import Reply
from dashboard.upstream.content import Body
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

logger = logging.getLogger(__name__)

Open = Callable[..., AbstractAsyncContextManager[Body]]


class Gone(UpstreamError):
    """There was a film; its address has expired, or the gateway has dropped it."""


class NoSource(UpstreamError):
    """There is neither a key to ask the gateway with nor an address."""


# Of several failures the one is told that says most about what to do. A class stands before the one it is made from.
TELLING = (
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
    Gone,
    UpstreamError,
)


async def open_film(stack: AsyncExitStack, task: Task, wanted: Span | None, known: Facts | None) -> Film:
    """Opens the film at `wanted` (None: all of it), to be closed by `stack`. Raises the most telling UpstreamError.

    Facts that are not known yet are learnt by asking for all of it: `wanted` must be None then.
    """
    film = await own.open_film(stack, task, wanted, known)
    if film is not None:
        return film
    secret = await sync_to_async(secret_of)(task)
    await sync_to_async(release_connection)()
    film = await from_gateway(stack, task, secret, wanted, known)
    await sync_to_async(copies.found_again)(task)
    return film


async def from_gateway(
    stack: AsyncExitStack, task: Task, secret: Secret | None, wanted: Span | None, known: Facts | None
) -> Film:
    """The same, past our own copy; `secret` None: without asking for `/content`."""
    attempt = partial(_attempt, stack, task, wanted, known)
    failures: list[UpstreamError] = []
    if secret is not None:
        outcome = await attempt("content", partial(client.shared().open_content, task.upstream_id, secret))
        if isinstance(outcome, Film):
            return outcome
        failures.append(outcome)
    if task.url:
        outcome = await attempt("url", partial(client.shared().open_url, task.url))
        if isinstance(outcome, Gone) and secret is not None and await _renew_url(task, secret):
            outcome = await attempt("url", partial(client.shared().open_url, task.url))
        if isinstance(outcome, Film):
            return outcome
        failures.append(outcome)
    raise _most_telling(failures)


async def _attempt(
    stack: AsyncExitStack, task: Task, wanted: Span | None, known: Facts | None, origin: Origin, source: Open
) -> Film | UpstreamError:
    part = _telling_part(wanted, known)
    async with AsyncExitStack() as trial:
        try:
            body = await trial.enter_async_context(source(range_header=_range_field(part, known)))
            film = await bodies.film_of(task, origin, body, part, known)
        except UpstreamError as error:
            return _named(error, origin)
        stack.push_async_exit(trial.pop_all())
        return film.first(wanted.length) if wanted and wanted != part else film


def _telling_part(wanted: Span | None, known: Facts | None) -> Span | None:
    """`wanted`, with as many bytes of the film's beginning as it takes to see that it is one."""
    if wanted is None or known is None or known.size is None or wanted.start > 0:
        return wanted
    return Span(0, max(wanted.stop, min(media.HEAD, known.size)))


def _range_field(part: Span | None, known: Facts | None) -> str | None:
    # The first opening asks for "bytes=0-": the answer then tells the size even where a plain one has no length.
    if known is None:
        return "bytes=0-"
    return ranges.range_field(part) if part else None


def _named(error: UpstreamError, origin: Origin) -> UpstreamError:
    """An address that answers 404 has expired; the gateway itself has dropped a film only when it says 410."""
    missing = isinstance(error, TaskNotFound)
    refused = isinstance(error, KeyRefused) and origin == "url"
    if refused or (missing and (origin == "url" or (error.raw is not None and error.raw.status == 410))):
        return Gone(error.message, error.raw)
    return error


def _most_telling(failures: Sequence[UpstreamError]) -> UpstreamError:
    if not failures:
        return NoSource("There is no key and no address.")
    return min(failures, key=lambda error: next(rank for rank, kind in enumerate(TELLING) if isinstance(error, kind)))


def secret_of(task: Task, *, to_finish: bool = False) -> Secret | None:
    """What to ask `/content` with; None: there is nothing, or nothing that may be used. `to_finish`: for our copy."""
    if task.key is None or not task.upstream_id:
        return None
    try:
        return key_actions.open_secret(task.key, to_finish=to_finish)
    except KeyUnusable:
        return None
    except SealBroken as error:
        logger.warning("film of task %s: its key does not open (%s)", task.pk, error)
        return None


async def _renew_url(task: Task, secret: Secret) -> bool:
    """Asks the gateway for the task once more: signed addresses expire, and a new answer may hold a new one."""
    try:
        reply = await client.shared().retrieve(task.upstream_id, secret)
    except UpstreamError:
        return False
    return await sync_to_async(_keep)(task, reply)


def _keep(task: Task, reply: Reply) -> bool:
    old = task.url
    change = merging.apply_answer(task, reply.answer, reply.raw, timezone.now())
    fields: dict[str, Any] = change.fields
    if fields and not changes.update_task(task, change.kind, detail=change.detail, **fields):
        # Somebody else's answer came first; its address is as new as ours. Or the task was deleted.
        with suppress(Task.DoesNotExist):
            task.refresh_from_db(fields=["url"])
    return task.url not in ("", old)
