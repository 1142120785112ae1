"""From a request for a film to its answer: decided from known facts where that is possible, opened where it is not."""

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

from dashboard import connection
from dashboard.accounts.models import User
from dashboard.content import facts as film_facts
from dashboard.content import own, problems, ranges, responses, seats, sources
from dashboard.content.bodies import Changed, Film
from dashboard.content.facts import Facts
from dashboard.content.ranges import Decision, Span
from dashboard.content.responses import FilmResponse
from dashboard.content.rights import Right
from dashboard.content.seats import Busy, Seat
from dashboard.logs.filters import TransferAborted
from dashboard.tasks.models import Task
from dashboard.upstream.errors import UpstreamError

logger = logging.getLogger(__name__)

# With one of these the answer may be none of the film at all, or another part than the range says.
CONDITIONS = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range")


async def answer(request: HttpRequest, viewer: User, task: Task, find: Callable[[User], object]) -> HttpResponseBase:
    """The film of `task` for somebody who may see it, or a page that says why there is none.

    `find` raises Http404 once the viewer may see it no more.
    """
    # Reading the (empty) body closes the file that it is in, which Django forgets to do for an answer that breaks off.
    _ = request.body
    problem = problems.of_task(task)
    if problem is not None:
        return problems.page(request, problem)
    try:
        async with AsyncExitStack() as stack:
            return await _answer(request, viewer, task, find, stack)
    except (UpstreamError, Busy) as error:
        return problems.page(request, problems.of_error(error))


async def _answer(
    request: HttpRequest, viewer: User, task: Task, find: Callable[[User], object], stack: AsyncExitStack
) -> HttpResponseBase:
    facts = film_facts.known(task)
    if facts and not _has_body(request, _decide(request, task, facts)):
        return _bare(request, task, facts)
    if facts and _may_hand_over(request) and await own.is_there(task):
        return responses.handed_over(task, facts, download=_is_download(request))
    seat = stack.enter_context(seats.seat(viewer.pk, task.pk))
    _bind(seat, getattr(request, "scope", {}))
    if facts is None and _depends_on_facts(request):
        facts = await _learn(task)
        if not _has_body(request, _decide(request, task, facts)):
            return _bare(request, task, facts)
    film, decision = await _opened(request, task, facts, stack)
    fields = responses.header_fields(task, film.facts, decision, download=_is_download(request))
    # A film may flow for an hour; a database connection that waits for its end would be missed elsewhere.
    await sync_to_async(close_old_connections)()
    right = Right(request.session.session_key, find)
    await stack.enter_async_context(right.watched(partial(_withdraw, task, seat)))
    return FilmResponse(decision.status, fields, _flowing(film, task, seat), stack.pop_all())


def _withdraw(task: Task, seat: Seat) -> None:
    logger.warning("film of task %s broken off: its viewer may not see it any more", task.pk)
    seat.break_off()


def _bind(seat: Seat, scope: Mapping[str, Any]) -> None:
    seat.abort = connection.offered(scope, "abort")
    seat.stalled_for = connection.offered(scope, "stalled_for") or seat.stalled_for


def _may_hand_over(request: HttpRequest) -> bool:
    """nginx reads one range and If-Range as we do. It refuses what we ignore, and knows no tag when it looks at the
    other conditions; those requests stay here."""
    field = request.headers.get("Range")
    understood = field is None or ranges.asked(field) is not None
    others = any(name in request.headers for name in CONDITIONS if name != "If-Range")
    return bool(settings.X_ACCEL) and understood and not others


async def _opened(
    request: HttpRequest, task: Task, facts: Facts | None, stack: AsyncExitStack
) -> tuple[Film, Decision]:
    if facts is not None and facts.size is not None:
        decision = _decide(request, task, facts)
        return await _open(stack, task, decision.span, facts), decision
    film = await _open(stack, task, None, None)
    film = await _kept(task, film)
    decision = _decide(request, task, film.facts)
    return (film.first(decision.span.stop) if decision.span else film), decision


def _decide(request: HttpRequest, task: Task, facts: Facts) -> Decision:
    return ranges.decide(request.method or "", request.headers, film_facts.version(task, facts))


def _has_body(request: HttpRequest, decision: Decision) -> bool:
    return request.method == "GET" and decision.status in (200, 206)


def _bare(request: HttpRequest, task: Task, facts: Facts) -> FilmResponse:
    decision = _decide(request, task, facts)
    return responses.bare(task, facts, decision, download=_is_download(request))


def _is_download(request: HttpRequest) -> bool:
    return request.GET.get("download") == "1"


def _depends_on_facts(request: HttpRequest) -> bool:
    """Could the answer to a film that is opened from its first byte on turn out to be something else?"""
    asked = ranges.asked(request.headers.get("Range"))
    return (
        request.method != "GET"
        or (asked is not None and asked.first != 0)
        or any(name in request.headers for name in CONDITIONS)
    )


async def _learn(task: Task) -> Facts:
    async with AsyncExitStack() as stack:
        film = await _kept(task, await _open(stack, task, None, None))
    return film.facts


async def _open(stack: AsyncExitStack, task: Task, wanted: Span | None, known: Facts | None) -> Film:
    try:
        return await sources.open_film(stack, task, wanted, known)
    except Changed:
        if known is not None:
            await sync_to_async(film_facts.forget)(task, known)
        raise


async def _kept(task: Task, film: Film) -> Film:
    """The film with the facts that are kept of it: those of whoever opened it first."""
    facts = await sync_to_async(film_facts.remember)(task, film.facts)
    if facts.size != film.facts.size:
        raise Changed("Two openings of the video gave two sizes.")
    return replace(film, facts=facts)


async def _flowing(film: Film, task: Task, seat: Seat) -> AsyncIterator[bytes]:
    seat.worker = asyncio.current_task()
    size = 0
    try:
        async for chunk in film.chunks:
            size += len(chunk)
            yield chunk
    except (UpstreamError, ranges.Short, ranges.Long) as error:
        # So that the server drops the connection: a clean end would pass for the end of the film.
        logger.warning("film of task %s broken off after %d bytes (%s)", task.pk, size, type(error).__name__)
        raise TransferAborted from error
    if film.facts.size is None:
        # It ended where its source said that it ends, so now there is a size, and ranges from the next request on.
        facts = film_facts.learn(task, size, film.facts.media_type, film.origin, film.etag)
        await sync_to_async(film_facts.remember)(task, facts)
        await sync_to_async(close_old_connections)()
