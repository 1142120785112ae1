"""The board's filters as a value: parsed from a query string, and written back as one."""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.tasks import access, states
from dashboard.tasks.models import TaskQuerySet
from dashboard.tasks.visibility import can_edit_all, can_see_all

PERIODS: Final = {"1d": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
MINE: Final = "me"
EVERYONE: Final = "all"
OLDEST_FIRST: Final = "oldest"
ATTENTION: Final = "attention"


@dataclass(frozen=True, slots=True)
class Filters:
    status: str = ""
    q: str = ""
    model: str = ""
    tag: str = ""
    condition: str = ""  # "attention": any condition in `states.NEED_ATTENTION`
    since: str = ""  # one of PERIODS
    owner: str = ""  # "me", "all", or a member's primary key
    sort: str = ""  # "oldest": oldest first; otherwise newest first

    def href(self, **changes: str) -> str:
        return board_href(replace(self, **changes).query)

    @property
    def query(self) -> str:
        return urlencode({name: value for name in NAMES if (value := getattr(self, name))})

    @property
    def narrows(self) -> bool:
        """Whether it filters by more than scope (own or all tasks) and status, which an index counts."""
        return bool(self.q or self.model or self.tag or self.condition or self.since or self.owner not in SCOPES)

    @property
    def is_filtered(self) -> bool:
        return bool(self.status or self.narrows)

    @property
    def is_oldest_first(self) -> bool:
        return self.sort == OLDEST_FIRST


NAMES: Final = tuple(field.name for field in fields(Filters))
SCOPES: Final = ("", MINE, EVERYONE)


def board_href(query: str) -> str:
    return f"{reverse('board')}?{query}" if query else reverse("board")


def filters_from(user: User, given: QueryDict) -> Filters:
    """Ignores unknown values. By default admins see everyone's tasks, and members their own."""
    status, since = given.get("status", ""), given.get("since", "")
    return Filters(
        status=status if status in states.STATUSES else "",
        q=_text(given, "q").strip(),
        model=_text(given, "model"),
        tag=_text(given, "tag"),
        condition=ATTENTION if given.get("condition") == ATTENTION else "",
        since=since if since in PERIODS else "",
        owner=_owner(user, given.get("owner", "")),
        sort=OLDEST_FIRST if given.get("sort") == OLDEST_FIRST else "",
    )


def _text(given: QueryDict, name: str) -> str:
    # PostgreSQL rejects NUL, even in a search.
    return given.get(name, "").replace("\x00", "")[:200]


def _owner(user: User, owner: str) -> str:
    if can_see_all(user):
        if owner in {MINE, EVERYONE}:
            return owner
        if owner == str(user.pk):
            return MINE
        if owner.isascii() and owner.isdigit() and len(owner) < 10 and User.objects.filter(pk=owner).exists():
            return owner
    return default_owner(user)


def default_owner(user: User) -> str:
    return EVERYONE if can_edit_all(user) else MINE


def without_defaults(user: User, filters: Filters) -> Filters:
    """Returns the filters as they appear in URLs: without the default owner."""
    return replace(filters, owner="" if filters.owner == default_owner(user) else filters.owner)


def tasks_in_scope(user: User, filters: Filters) -> TaskQuerySet:
    """Filters by owner only."""
    tasks = access.tasks_for_viewer(user)
    if filters.owner == EVERYONE:
        return tasks
    return tasks.filter(owner=user.pk if filters.owner in {"", MINE} else int(filters.owner))


def tasks_to_search(user: User, filters: Filters, now: datetime | None = None) -> TaskQuerySet:
    """Filters by everything except the search words."""
    tasks = tasks_in_scope(user, filters)
    if filters.status:
        tasks = tasks.filter(status=filters.status)
    if filters.model:
        tasks = tasks.filter(model=filters.model)
    if filters.tag:
        tasks = tasks.tagged(filters.tag)
    if filters.condition:
        tasks = tasks.filter(condition__in=states.NEED_ATTENTION)
    if filters.since:
        tasks = tasks.filter(created_at__gte=(now or timezone.now()) - PERIODS[filters.since])
    return tasks


def tasks_matching(user: User, filters: Filters) -> TaskQuerySet:
    """The query has no order, and is made for reading many tasks."""
    return tasks_to_search(user, filters).matching(filters.q, in_any_order=True)
