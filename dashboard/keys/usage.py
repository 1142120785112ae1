"""The rule of whether an API key may be used now. `actions.open_secret` checks it before it opens a seal.

A closed account's keys rest, but for what the admin let go on when closing it: its running tasks are watched and their
videos copied, until the last of them is done. Callers say that by `to_finish`.
"""

from typing import TYPE_CHECKING

from django.db.models import Q

if TYPE_CHECKING:
    from dashboard.keys.models import ApiKey


class KeyUnusable(Exception):
    """The key may not be used now. The message may be shown."""


def check(key: "ApiKey", *, to_finish: bool = False) -> None:
    """Raises KeyUnusable. `key` comes with its owner where no query may be made."""
    if key.revoked_at is not None:
        raise KeyUnusable("This key was revoked.")
    owner = key.owner
    is_finishing = owner.finishing_since is not None
    if owner.is_active or (to_finish and is_finishing):
        return
    rest = "is used to finish its last tasks only" if is_finishing else "is not used"
    raise KeyUnusable(f"{owner.name}'s account is deactivated, so this key {rest}.")


def is_usable(key: "ApiKey", *, to_finish: bool = False) -> bool:
    try:
        check(key, to_finish=to_finish)
    except KeyUnusable:
        return False
    return True


def usable(at: str = "", *, to_finish: bool = False) -> Q:
    """The same for queries. `at` leads to the key: "key__" from a task."""
    owner = Q((f"{at}owner__is_active", True))
    if to_finish:
        owner |= Q((f"{at}owner__finishing_since__isnull", False))
    return Q((f"{at}revoked_at__isnull", True)) & owner
