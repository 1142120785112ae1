"""The tasks before and after one in the list that a member came from."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.http import QueryDict
from django.urls import reverse

from dashboard.tasks import board, board_filters
from dashboard.tasks.models import Task
from dashboard.web.request import Request

PARAMETER = "board"  # of a task's page: the query of the board


@dataclass(frozen=True, slots=True)
class Neighbors:
    """`previous_href` and `next_href` are those of the rows above and below; empty where there is none."""

    board_href: str
    previous_href: str
    next_href: str


def neighbors(request: Request, task: Task) -> Neighbors | None:
    """Returns None if the member didn't come from the board, but for example from a link in a chat."""
    query = _board_query(request)
    if query is None:
        return None
    wanted = board_filters.filters_from(request.user, QueryDict(query))
    before, after = board.tasks_around(request.user, wanted, task)
    public = board_filters.without_defaults(request.user, wanted)
    return Neighbors(public.href(), _href(before, public.query), _href(after, public.query))


def _href(task: Task | None, query: str) -> str:
    return f"{reverse('task', args=[task.pk])}?{urlencode({PARAMETER: query})}" if task else ""


def _board_query(request: Request) -> str | None:
    """Returns the query from this page's URL, or else from the previous page: the board, or this page before."""
    if PARAMETER in request.GET:
        return request.GET[PARAMETER]
    try:
        referrer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return None
    if f"{referrer.scheme}://{referrer.netloc}" != f"{request.scheme}://{request.get_host()}":
        return None
    if referrer.path == reverse("board"):
        return referrer.query
    return QueryDict(referrer.query).get(PARAMETER) if referrer.path == request.path else None
