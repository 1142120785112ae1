"""Rows for the lists of API keys. They never include the secret."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext, gettext_noop

from dashboard.keys import usage
from dashboard.keys.models import ApiKey

WORDS = {
    "untested": (gettext_noop("Not tested yet"), "circle-question-mark"),
    "works": (gettext_noop("Works"), "circle-check"),
    "refused": (gettext_noop("Refused"), "circle-x"),
    "slowed": (gettext_noop("Rate limited"), "gauge"),
    "revoked": (gettext_noop("Revoked"), "ban"),
    "resting": (gettext_noop("Not used"), "circle-pause"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A key as the pages show it.

    `state` is one of `untested works refused slowed revoked resting`, and `state_icon` is the name of a Lucide icon.
    `resting` means that the owner's account is deactivated. With `is_finishing`, the account is deactivated too, but
    the key is still used for the tasks that were running.
    """

    id: UUID
    dom_id: str
    label: str
    last_four: str
    state: str
    state_word: str
    state_icon: str
    state_since: datetime
    checked_at: datetime | None
    rate_limited_until: datetime | None
    last_used_at: datetime | None
    in_flight: int
    owner_id: int
    owner_name: str
    is_revoked: bool
    is_finishing: bool
    created_at: datetime
    revoked_at: datetime | None


def row(key: ApiKey) -> KeyRow:
    """Returns the row for a key from `with_counts()` with its owner selected."""
    state = _state(key)
    word, icon = WORDS[state]
    return KeyRow(
        id=key.pk,
        dom_id=f"key-{key.pk}",
        label=key.label,
        last_four=key.last_four,
        state=state,
        state_word=gettext(word),
        state_icon=icon,
        state_since=key.state_since,
        checked_at=key.checked_at,
        rate_limited_until=key.rate_limited_until,
        last_used_at=key.last_used_at,
        in_flight=getattr(key, "in_flight", 0),
        owner_id=key.owner_id,
        owner_name=key.owner.name,
        is_revoked=key.revoked_at is not None,
        is_finishing=not usage.is_usable(key) and usage.is_usable(key, to_finish=True),
        created_at=key.created_at,
        revoked_at=key.revoked_at,
    )


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    if not usage.is_usable(key, to_finish=True):
        return "resting"
    return "slowed" if key.is_rate_limited and key.state != "refused" else key.state
