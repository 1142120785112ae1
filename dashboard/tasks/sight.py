"""The rule of who sees which task."""

from typing import Protocol

from django.conf import settings


class Viewer(Protocol):
    """Somebody who looks: a User, or what a live stream remembers of one."""

    @property
    def pk(self) -> int: ...
    @property
    def is_admin(self) -> bool: ...


def sees_all(viewer: Viewer) -> bool:
    """The rule of who sees what: own tasks; all of them for admins, and for everybody with VISIBILITY=team."""
    return viewer.is_admin or settings.VISIBILITY == "team"


def may_see(viewer: Viewer, owner_id: int) -> bool:
    return owner_id == viewer.pk or sees_all(viewer)
