"""The rules for who may see a task, and who may change and share it. They are defined only here.

see        one's own tasks; all of them for admins, and for every member with VISIBILITY=team
edit       one's own tasks; all of them for admins
"""

from typing import Protocol

from django.conf import settings
from django.db.models import F, Q


class Viewer(Protocol):
    """A User, or what a live stream remembers of one."""

    @property
    def pk(self) -> int: ...
    @property
    def is_admin(self) -> bool: ...


def is_shared_by_team() -> bool:
    """Whether every member sees every task."""
    return settings.VISIBILITY == "team"


def can_see_all(viewer: Viewer) -> bool:
    return can_edit_all(viewer) or is_shared_by_team()


def can_edit_all(viewer: Viewer) -> bool:
    return viewer.is_admin


def can_see(viewer: Viewer, owner_id: int) -> bool:
    return owner_id == viewer.pk or can_see_all(viewer)


def can_edit(viewer: Viewer, owner_id: int) -> bool:
    return owner_id == viewer.pk or can_edit_all(viewer)


def visible_q(viewer: Viewer) -> Q:
    """`can_see` as a condition on rows with an `owner_id`. It may be empty, so only combine it with `&`."""
    return Q() if can_see_all(viewer) else Q(owner_id=viewer.pk)  # guard: tasks-visible-to-viewers


def editable_q(viewer: Viewer) -> Q:
    """`can_edit` as a condition on rows with an `owner_id`. It may be empty, so only combine it with `&`."""
    return Q() if can_edit_all(viewer) else Q(owner_id=viewer.pk)  # guard: tasks-edited-by-owner-or-admin


def can_edit_q(member: str, owner: str) -> Q:
    """`can_edit` between two columns of a row: `member`, whose account is active, may change the tasks of `owner`."""
    is_admin, is_owner = Q((f"{member}__is_staff", True)), Q((member, F(owner)))
    return Q((f"{member}__is_active", True)) & (is_admin | is_owner)
