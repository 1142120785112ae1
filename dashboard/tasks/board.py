"""The table as a value: filters from the url, one page of rows by keyset, counts, and the addresses to go on."""

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse

from dashboard.accounts.models import User
from dashboard.keys import access as key_access
from dashboard.tasks import access, rows, states
from dashboard.tasks.models import Task, TaskQuerySet
from dashboard.tasks.rows import Row
from dashboard.tasks.visibility import can_edit_all, can_see_all

PAGE = 50
RECENT = 300  # tasks whose models are offered as a filter
# Tasks that a search looks through before it looks through all. No planner knows how rare a word is: PostgreSQL read
# and sorted 100,000 tasks (200 ms) for the newest 50 of the 20,000 with a common one.
SEARCHED_FIRST = 2_000


@dataclass(frozen=True, slots=True)
class Filters:
    status: str = ""
    q: str = ""
    model: str = ""
    owner: str = ""  # "me" or "all"

    def href(self, **changes: str) -> str:
        return _address(replace(self, **changes).query)

    @property
    def query(self) -> str:
        given = {"status": self.status, "q": self.q, "model": self.model, "owner": self.owner}
        return urlencode({name: value for name, value in given.items() if value})


def _address(query: str) -> str:
    return f"{reverse('board')}?{query}" if query else reverse("board")


@dataclass(frozen=True, slots=True)
class Chip:
    value: str
    word: str
    icon: str
    count: int | None
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`older_href` and `newest_href` are empty where there is no such page; `empty` says why there are no rows."""

    rows: list[Row]
    chips: list[Chip]
    owners: list[Chip]
    models: list[tuple[str, str]]
    status: str
    q: str
    model: str
    owner: str
    query: str
    total: int | None
    older_href: str
    newest_href: str
    clear_href: str
    is_first_page: bool
    is_filtered: bool
    empty: str


def filters_from(user: User, given: QueryDict) -> Filters:
    """Unknown values are as if they were not given. Admins begin with everybody's tasks, members with their own."""
    status = given.get("status", "")
    owner = given.get("owner", "")
    if owner not in {"me", "all"} or not can_see_all(user):
        owner = _default_owner(user)
    return Filters(
        status=status if status in states.STATUSES else "",
        # PostgreSQL takes no NUL, not even to look for it.
        q=given.get("q", "").replace("\x00", "").strip()[:200],
        model=given.get("model", "").replace("\x00", "")[:200],
        owner=owner,
    )


def _default_owner(user: User) -> str:
    return "all" if can_edit_all(user) else "me"


def tasks_in_scope(user: User, filters: Filters) -> TaskQuerySet:
    """By owner alone: what the counts count."""
    tasks = access.tasks_for_viewer(user)
    return tasks.owned_by(user) if filters.owner == "me" else tasks


def tasks_matching(user: User, filters: Filters) -> TaskQuerySet:
    return _tasks_to_search(user, filters).matching(filters.q)


def _tasks_to_search(user: User, filters: Filters) -> TaskQuerySet:
    tasks = tasks_in_scope(user, filters)
    if filters.status:
        tasks = tasks.filter(status=filters.status)
    if filters.model:
        tasks = tasks.filter(model=filters.model)
    return tasks


def _newest_matching(tasks: TaskQuerySet, words: str) -> list[Task]:
    """The first PAGE of `tasks` that match, and one more if there is one."""
    if not words:
        return [*tasks.for_rows()[: PAGE + 1]]
    newest = tasks.newest(SEARCHED_FIRST)
    found = [*newest.scanning_for(words).for_rows()[: PAGE + 1]] if newest is not None else []
    return found if len(found) > PAGE else [*tasks.matching(words).for_rows()[: PAGE + 1]]


def table(user: User, given: QueryDict) -> Table:
    filters = filters_from(user, given)
    public = replace(filters, owner="" if filters.owner == _default_owner(user) else filters.owner)
    after = _read_cursor(given.get("after", ""))
    found = _newest_matching(_older_than(_tasks_to_search(user, filters), after), filters.q)
    counts = tasks_in_scope(user, filters).counts()
    shown = [rows.row(task, may_change=access.can_edit(user, task)) for task in found[:PAGE]]
    has_more = len(found) > PAGE
    is_filtered = bool(filters.status or filters.q or filters.model)
    return Table(
        rows=shown,
        chips=_chips(public, counts),
        owners=_owners(user, filters, public),
        models=_models(user, filters),
        status=filters.status,
        q=filters.q,
        model=filters.model,
        owner=filters.owner,
        query=public.query,
        total=_total(filters, counts),
        older_href=_older_href(public, found[PAGE - 1].created_at, found[PAGE - 1].pk) if has_more else "",
        newest_href=public.href() if after else "",
        clear_href=public.href(status="", q="", model=""),
        is_first_page=after is None,
        is_filtered=is_filtered,
        empty="" if shown else _empty_reason(user, is_filtered),
    )


def _total(filters: Filters, counts: dict[str, int]) -> int | None:
    """How many match; None where only another pass over all of them would tell."""
    if filters.q or filters.model:
        return None
    return counts[filters.status] if filters.status else sum(counts.values())


def _empty_reason(user: User, is_filtered: bool) -> str:
    if is_filtered:
        return "no_match"
    return "no_tasks" if key_access.own_usable_keys(user).exists() else "no_keys"


def _chips(filters: Filters, counts: dict[str, int]) -> list[Chip]:
    every = Chip("", "All", "layers", sum(counts.values()), filters.href(status=""), not filters.status)
    return [
        every,
        *(
            Chip(
                status,
                rows.STATUS_WORDS[status],
                rows.STATUS_ICONS[status],
                counts[status],
                filters.href(status=status),
                filters.status == status,
            )
            for status in states.STATUSES
        ),
    ]


def _owners(user: User, filters: Filters, public: Filters) -> list[Chip]:
    if not can_see_all(user):
        return []
    words = (("me", "Mine", "user"), ("all", "Everyone", "users"))
    return [
        Chip(value, word, icon, None, public.href(owner=value), filters.owner == value) for value, word, icon in words
    ]


def recent_models(user: User, filters: Filters) -> list[str]:
    return sorted({*tasks_in_scope(user, filters).values_list("model", flat=True)[:RECENT]} - {""})


def _models(user: User, filters: Filters) -> list[tuple[str, str]]:
    names = {*recent_models(user, filters), filters.model} - {""}
    return [(name, name) for name in sorted(names)]


def _older_than(tasks: TaskQuerySet, after: tuple[datetime, uuid.UUID] | None) -> TaskQuerySet:
    tasks = tasks.order_by("-created_at", "-id")
    if after is None:
        return tasks
    moment, task_id = after
    # The first condition alone would do for a planner that knows row values; as it stands every engine uses the index.
    return tasks.filter(created_at__lte=moment).filter(Q(created_at__lt=moment) | Q(id__lt=task_id))


def _older_href(filters: Filters, moment: datetime, task_id: uuid.UUID) -> str:
    cursor = f"{int(moment.timestamp() * 1_000_000)}_{task_id}"
    return _address("&".join(filter(None, [filters.query, urlencode({"after": cursor})])))


def _read_cursor(text: str) -> tuple[datetime, uuid.UUID] | None:
    """None, the first page, for anything that is no cursor of ours."""
    number, _, task_id = text.partition("_")
    try:
        micros = int(number) if number.isascii() and number.isdigit() else -1
        moment = datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
        return (moment, uuid.UUID(task_id)) if micros > 0 else None
    except (ValueError, OverflowError, OSError):
        return None
