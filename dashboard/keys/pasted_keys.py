"""Finds API keys in text that shouldn't contain any: by their format, or by comparing with known keys."""

from django.utils.translation import gettext_noop

from dashboard.accounts.models import User
from dashboard.keys import access, actions
from dashboard.keys.sealing import SealBroken
from dashboard.logs import masking
from dashboard.upstream import credentials

HOLDS_KEY = gettext_noop(
    "This looks like an API key, so it wasn't stored. Anyone who has seen it can use it: consider replacing that key."
)


def without_keys(text: str, member: User | None = None) -> str:
    """Returns `text` with a placeholder for each API key.

    Replaces anything that looks like a key, keys that this process has used, and the member's own keys.
    """
    own = _own(member) if member is not None else []
    return credentials.redacted(text, [*own, *masking.known_in(text)])


def holds_key(text: str) -> bool:
    return without_keys(text) != text


def _own(member: User) -> list[str]:
    opened = []
    for key in access.own_usable_keys(member):
        try:
            opened.append(actions.open_secret(key).reveal())
        except SealBroken:
            continue
    return opened
