"""Checks that the keyring opens the stored API keys. Creates a keyring if nothing is sealed yet."""

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection

from dashboard import env
from dashboard.keys import sealing
from dashboard.keys.models import ApiKey


class WrongKeyring(Exception):
    """Raised if the keyring is missing or doesn't open every stored key. The message is for the operator."""


def prepare() -> int:
    """Creates a keyring if there is none and no key is stored, then checks that it opens every stored key.

    Returns the number of stored keys. Raises WrongKeyring, in which case nothing was changed.
    """
    if not sealing.current_keyring():
        _make()
    return verify()


def _make() -> None:
    number = len(_stored())
    path = settings.DATA_DIR / "keyring"
    if number:
        raise WrongKeyring(
            f"The keyring is missing: neither KEYRING nor KEYRING_FILE is set, and {path} "
            f"{'is empty' if path.exists() else 'is not there'}. {number} stored API "
            f"{'key was' if number == 1 else 'keys were'} sealed with it, so no new one was made. Put your copy of it "
            "back, or give it as KEYRING. If it is lost for good: `manage.py forgetkeys` forgets the secrets that "
            "nothing can open any more, so that their owners can enter them again. Nothing was changed."
        )
    if path.exists():
        raise WrongKeyring(f"{path} is empty. No API key needs it: delete it, and a new one is made.")
    env.keep_secret("KEYRING", settings.DATA_DIR, Fernet.generate_key().decode())
    sealing.current_keyring()


def verify() -> int:
    """Opens every stored key and returns how many there are. Changes nothing. Raises WrongKeyring."""
    stored = _stored()
    broken = [key for key in stored if not opens(key)]
    if broken:
        some = ", ".join(repr(key.label) for key in broken[:3])
        raise WrongKeyring(
            f"KEYRING does not open {len(broken)} of {len(stored)} stored API keys ({some}). It is not the one that "
            "they were sealed with: give that one, newest key first. If it is lost for good: `manage.py forgetkeys` "
            "forgets the secrets that it does not open. Nothing was changed."
        )
    return len(stored)


def broken() -> list[ApiKey]:
    """Returns the stored keys that can't be opened."""
    return [key for key in _stored() if not opens(key)]


def opens(key: ApiKey) -> bool:
    try:
        sealing.unseal(bytes(key.sealed), key.pk, key.owner_id)
    except sealing.SealBroken:
        return False
    return True


def _stored() -> list[ApiKey]:
    """Returns the keys whose secret is stored. Returns [] if the table doesn't exist yet."""
    if ApiKey._meta.db_table not in connection.introspection.table_names():
        return []
    return [*ApiKey.objects.stored().only("pk", "label", "sealed", "owner_id").order_by("label")]
