"""Whether the keyring that was given is the one the stored keys were sealed with."""

from uuid import UUID

from django.db import connection

from dashboard.keys.models import ApiKey
from dashboard.keys.sealing import SealBroken, unseal


class WrongKeyring(Exception):
    """At least one stored key does not open. The message is for whoever starts the server."""


def verify() -> int:
    """Opens every stored key and returns how many there are; nothing is changed. Raises WrongKeyring.

    A database without a table of keys yet has none.
    """
    if ApiKey._meta.db_table not in connection.introspection.table_names():
        return 0
    stored = ApiKey.objects.stored().values_list("pk", "label", "sealed")
    broken = [label for key, label, sealed in stored if not _opens(bytes(sealed), key)]
    if broken:
        some = ", ".join(repr(label) for label in broken[:3])
        raise WrongKeyring(
            f"KEYRING does not open {len(broken)} of {len(stored)} stored API keys ({some}). It is not the one that "
            "they were sealed with: give that one, newest key first. Nothing was changed."
        )
    return len(stored)


def _opens(sealed: bytes, key: UUID) -> bool:
    try:
        unseal(sealed, key)
    except SealBroken:
        return False
    return True
