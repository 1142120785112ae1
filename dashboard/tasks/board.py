"""The board's table as a value: one page of rows, the counts, and the links to other pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop

from dashboard.accounts.models import User
from dashboard.keys import access as key_access
from dashboard.tasks import access, board_filters, row_words, rows, states
from dashboard.tasks.board_counts import StatusCounts, status_counts
from dashboard.tasks.board_filters import EVERYONE, MINE, Filters
from dashboard.tasks.keyset import Cursor, Place
from dashboard.tasks.models import SavedFilter, Task, TaskQuerySet, TaskTag
from dashboard.tasks.row_html import row_html
from dashboard.tasks.rows import Row
from dashboard.tasks.visibility import can_see_all

PAGE = 50
RECENT = 300  # tasks whose models and tags are offered as filters
MOST_OWNERS = 200  # members that are offered as filters
# Unless the index shows that few tasks match, a search scans this many of the newest before it searches all of them.
# Planners don't know how common a word is: for the newest 50 of 20,000 tasks with a common word, PostgreSQL read and
# sorted 100,000 tasks (200 ms).
SEARCHED_FIRST = 2_000
PERIOD_TEXTS = {
    "1d": gettext_noop("Last 24 hours"),
    "7d": gettext_noop("Last 7 days"),
    "30d": gettext_noop("Last 30 days"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    value: str
    word: str
    icon: str
    count: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a select element."""

    value: str
    text: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`total` is None if too many tasks match to count them. `first` and `last` are the numbers of the rows among all
    matching tasks, or 0 if unknown. The hrefs are empty if there is no such page. `empty` says why there are no rows.
    """

    rows: list[Row]
    filters: Filters
    query: str
    chips: list[Chip]
    owners: list[Choice]
    models: list[Choice]
    tags: list[Choice]
    periods: list[Choice]
    saved: list[SavedFilter]
    total: int | None
    total_text: str
    first: int
    last: int
    older_href: str
    previous_href: str
    newest_href: str
    clear_href: str
    sort_href: str
    is_first_page: bool
    empty: str

    @property
    def hidden_fields(self) -> list[tuple[str, str]]:
        """The fields that a bulk action has to submit to apply to the same tasks."""
        return [(name, value) for name in board_filters.NAMES if (value := getattr(self.filters, name))]

    @property
    def rows_html(self) -> list[SafeString]:
        return [row_html(row) for row in self.rows]

    @property
    def shows_owners(self) -> bool:
        return self.filters.owner == EVERYONE


def table(user: User, given: QueryDict) -> Table:
    wanted = board_filters.filters_from(user, given)
    public = board_filters.without_defaults(user, wanted)
    place = _place(wanted, given)
    found, has_newer, has_older = _page(board_filters.tasks_to_search(user, wanted), place, wanted.q)
    counts = status_counts(user, wanted)
    total = counts.count(wanted.status)
    recent = _recent(user, wanted)
    first = _first_number(given, place, total, len(found))
    return Table(
        rows=[rows.row(task, may_change=access.can_edit(user, task)) for task in found],
        filters=wanted,
        query=public.query,
        chips=_chips(public, counts),
        owners=_owners(user, wanted),
        models=_choices({*recent.values(), wanted.model}, wanted.model),
        tags=_choices({*_tags_of(recent), wanted.tag}, wanted.tag),
        periods=[Choice(value, gettext(text), value == wanted.since) for value, text in PERIOD_TEXTS.items()],
        saved=list(SavedFilter.objects.filter(owner=user)),
        total=total,
        total_text=counts.text(wanted.status) or counts.text(),
        first=first,
        last=first + len(found) - 1 if first else 0,
        older_href=_page_href(public, "after", found[-1], first and first + PAGE) if has_older else "",
        previous_href=_page_href(public, "before", found[0], max(first - PAGE, 1)) if has_newer else "",
        newest_href=public.href() if place.cursor else "",
        clear_href=Filters(owner=public.owner if wanted.owner in board_filters.SCOPES else "", sort=public.sort).href(),
        sort_href=public.href(sort="" if wanted.is_oldest_first else board_filters.OLDEST_FIRST),
        is_first_page=place.cursor is None and not wanted.is_oldest_first,
        empty="" if found else _empty_reason(user, is_filtered=wanted.is_filtered),
    )


def _place(wanted: Filters, given: QueryDict) -> Place:
    """Returns the requested page's place: the first page if there is no valid cursor."""
    after, before = Cursor.read(given.get("after", "")), Cursor.read(given.get("before", ""))
    return Place(
        after or before, is_backward=after is None and before is not None, is_oldest_first=wanted.is_oldest_first
    )


def _page(tasks: TaskQuerySet, place: Place, words: str) -> tuple[list[Task], bool, bool]:
    """Returns the tasks of the page, and whether there are more before and after it."""
    found = _first_matching(place.in_order(tasks), place, words)
    has_more, found = len(found) > PAGE, found[:PAGE]
    if place.is_backward:
        return found[::-1], has_more, bool(found)
    return found, place.cursor is not None and bool(found), has_more


def _first_matching(tasks: TaskQuerySet, place: Place, words: str, most: int = PAGE + 1) -> list[Task]:
    """Returns the first `most` of `tasks` that match."""
    if not words:
        return [*tasks.for_rows()[:most]]
    few = tasks.few_matching(words)
    if few is not None:
        return [*few.for_rows()[:most]]
    newest = None if place.ascends else tasks.newest(SEARCHED_FIRST)
    found = [*newest.scanning_for(words).for_rows()[:most]] if newest is not None else []
    return found if len(found) == most else [*tasks.matching(words).for_rows()[:most]]


def tasks_around(user: User, wanted: Filters, task: Task) -> tuple[Task | None, Task | None]:
    """Returns the tasks before and after `task` on the board with these filters, even if they don't match `task`."""
    tasks = board_filters.tasks_to_search(user, wanted)
    found = []
    for is_backward in (True, False):
        place = Place(Cursor.of(task), is_backward=is_backward, is_oldest_first=wanted.is_oldest_first)
        found.append(next(iter(_first_matching(place.in_order(tasks), place, wanted.q, most=1)), None))
    return found[0], found[1]


def _first_number(given: QueryDict, place: Place, total: int | None, found: int) -> int:
    """Returns the number of the page's first row, or 0 if unknown.

    It comes from the URL. Rows may have been added or removed since, so impossible numbers are dropped.
    """
    if place.cursor is None:
        return 1 if found else 0
    text = given.get("start", "")
    first = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    is_possible = found and (total is None or first + found - 1 <= total)
    return first if is_possible else 0


def _page_href(public: Filters, name: str, task: Task, start: int) -> str:
    place = {name: str(Cursor.of(task))} | ({"start": str(start)} if start else {})
    return board_filters.board_href("&".join(part for part in (public.query, urlencode(place)) if part))


def _empty_reason(user: User, *, is_filtered: bool) -> str:
    if is_filtered:
        return "no_match"
    return "no_tasks" if key_access.own_usable_keys(user).exists() else "no_keys"


def _chips(public: Filters, counts: StatusCounts) -> list[Chip]:
    every = Chip("", gettext("All"), "layers", counts.text(), public.href(status=""), not public.status)
    return [
        every,
        *(
            Chip(
                status,
                row_words.text(rows.STATUS_WORDS[status]),
                rows.STATUS_ICONS[status],
                counts.text(status),
                public.href(status=status),
                public.status == status,
            )
            for status in states.STATUSES
        ),
    ]


def _owners(user: User, wanted: Filters) -> list[Choice]:
    if not can_see_all(user):
        return []
    others = User.objects.exclude(pk=user.pk).order_by("username")[:MOST_OWNERS]
    texts = {EVERYONE: gettext("Everyone"), MINE: gettext("Mine")} | {str(other.pk): other.name for other in others}
    return [Choice(value, text, value == wanted.owner) for value, text in texts.items()]


def _choices(values: set[str], current: str) -> list[Choice]:
    return [Choice(value, value, value == current) for value in sorted(values - {""}, key=str.casefold)]


def recent_models(user: User) -> list[str]:
    return sorted({*_recent(user, board_filters.filters_from(user, QueryDict())).values()} - {""})


def _recent(user: User, wanted: Filters) -> dict[UUID, str]:
    """Returns the models of the newest tasks, by task ID."""
    return dict(board_filters.tasks_in_scope(user, wanted).values_list("pk", "model")[:RECENT])


def _tags_of(tasks: Iterable[UUID]) -> list[str]:
    return [*TaskTag.objects.filter(task__in=[*tasks]).order_by("name").values_list("name", flat=True).distinct()]
