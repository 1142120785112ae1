"""The rules of who sees which task, and who may change it and pass it on."""

from typing import Protocol

from django.conf import settings
from django.db.models import F, Q


class Viewer(Protocol):
    """Somebody who looks: a User, or what a live stream remembers of one."""

    @property
    def pk(self) -> int: ...
    @property
    def is_admin(self) -> bool: ...


def can_see_all(viewer: Viewer) -> bool:
    """The rule of who sees what: own tasks; all of them for admins, and for everybody with VISIBILITY=team."""
    return viewer.is_admin or settings.VISIBILITY == "team"


def can_see(viewer: Viewer, owner_id: int) -> bool:
    return owner_id == viewer.pk or can_see_all(viewer)


def can_edit(viewer: Viewer, owner_id: int) -> bool:
    """The rule of who changes and shares what: own tasks; all of them for admins."""
    return owner_id == viewer.pk or viewer.is_admin


def can_edit_q(member: str, owner: str) -> Q:
    """The same between two columns of a row: its `member`, who is still one, may change the tasks of its `owner`."""
    is_admin, is_owner = Q((f"{member}__is_staff", True)), Q((member, F(owner)))
    return Q((f"{member}__is_active", True)) & (is_admin | is_owner)
