"""Rows for the list of members on the admin page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

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


def members(viewer: User) -> list[MemberRow]:
    """Returns a row for each member, active members first."""
    counted = User.objects.annotate(
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
