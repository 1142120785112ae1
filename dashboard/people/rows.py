"""Rows for the list of members on the admin page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from dashboard.accounts.actions import finishing_members
from dashboard.accounts.models import User
from dashboard.tasks.models import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    id: int
    name: str
    username: str
    is_admin: bool
    is_active: bool
    is_self: bool
    keys: int
    tasks: int
    last_login: datetime | None
    unfinished: int  # tasks for which a deactivated member's keys are still used


def members_matching(words: str) -> QuerySet[User]:
    """Returns the members whose username, name or email address contains every word, active members first."""
    members = User.objects.order_by("-is_active", "username")
    for word in words.split():
        in_name = Q(first_name__icontains=word) | Q(last_name__icontains=word)
        members = members.filter(in_name | Q(username__icontains=word) | Q(email__icontains=word))
    return members


def rows_of(members: Iterable[User], viewer: User) -> list[MemberRow]:
    ids = [member.pk for member in members]
    counted = User.objects.filter(pk__in=ids).annotate(
        key_count=Count("api_keys", filter=Q(api_keys__revoked_at=None), distinct=True),
        task_count=Count("tasks", filter=Q(tasks__removed_at=None), distinct=True),
    )
    unfinished = Task.objects.unfinished().by_owner_of_key(finishing_members())
    return [
        MemberRow(
            id=user.pk,
            name=user.name,
            username=user.username,
            is_admin=user.is_admin,
            is_active=user.is_active,
            is_self=user.pk == viewer.pk,
            keys=user.key_count,
            tasks=user.task_count,
            last_login=user.last_login,
            unfinished=unfinished.get(user.pk, 0),
        )
        for user in counted.order_by("-is_active", "username")
    ]
