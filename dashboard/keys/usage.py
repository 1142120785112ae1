"""Decides whether an API key may be used now. `actions.open_secret` checks this before it opens a seal.

The keys of a deactivated account are not used. But the admin who deactivates it can let its running tasks finish. Then
the keys are used to poll these tasks and copy their videos, until all of them are done. Callers that do so pass
`to_finish`.
"""

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext

if TYPE_CHECKING:
    from dashboard.keys.models import ApiKey


class KeyUnusable(Exception):
    """Raised if the key may not be used now. The message is translated and may be shown to members."""


def check(key: "ApiKey", *, to_finish: bool = False) -> None:
    """Raises KeyUnusable if the key may not be used now. Reads the owner; select it where queries aren't allowed."""
    if key.revoked_at is not None:
        raise KeyUnusable(gettext("This key was revoked."))
    owner = key.owner
    is_finishing = owner.finishing_since is not None
    if owner.is_active or (to_finish and is_finishing):
        return
    if is_finishing:
        reason = gettext("%(name)s's account is deactivated, so this key is used to finish its last tasks only.")
    else:
        reason = gettext("%(name)s's account is deactivated, so this key is not used.")
    raise KeyUnusable(reason % {"name": owner.name})


def is_usable(key: "ApiKey", *, to_finish: bool = False) -> bool:
    try:
        check(key, to_finish=to_finish)
    except KeyUnusable:
        return False
    return True


def usable(at: str = "", *, to_finish: bool = False) -> Q:
    """Returns the same rule as a query condition. `at` is the lookup prefix of the key, such as "key__" for tasks."""
    owner = Q((f"{at}owner__is_active", True))
    if to_finish:
        owner |= Q((f"{at}owner__finishing_since__isnull", False))
    return Q((f"{at}revoked_at__isnull", True)) & owner
