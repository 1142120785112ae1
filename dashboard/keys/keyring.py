"""Checks that the keyring opens the stored API keys. Creates a keyring if nothing is sealed yet."""

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext, ngettext

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
        text = ngettext(
            "The keyring is missing: neither KEYRING nor KEYRING_FILE is set, and %(path)s is missing or empty. "
            "%(count)s stored API key needs it, so no new one was created. Put your copy of it back, or set KEYRING. "
            "If it is lost: `manage.py forgetkeys` deletes the keys that can't be decrypted, so that their owners can "
            "enter them again. Nothing was changed.",
            "The keyring is missing: neither KEYRING nor KEYRING_FILE is set, and %(path)s is missing or empty. "
            "%(count)s stored API keys need it, so no new one was created. Put your copy of it back, or set KEYRING. "
            "If it is lost: `manage.py forgetkeys` deletes the keys that can't be decrypted, so that their owners can "
            "enter them again. Nothing was changed.",
            number,
        )
        raise WrongKeyring(text % {"path": path, "count": number})
    if path.exists():
        text = gettext("%(path)s is empty. No API key needs it: delete it, and a new one is created.")
        raise WrongKeyring(text % {"path": path})
    env.keep_secret("KEYRING", settings.DATA_DIR, Fernet.generate_key().decode())
    sealing.current_keyring()


def verify() -> int:
    """Opens every stored key and returns how many there are. Changes nothing. Raises WrongKeyring."""
    stored = _stored()
    broken = [key for key in stored if not opens(key)]
    if broken:
        some = ", ".join(repr(key.label) for key in broken[:3])
        text = gettext(
            "KEYRING does not open %(broken)s of %(total)s stored API keys (%(keys)s). They were encrypted with "
            "another one: set that one, newest key first. If it is lost: `manage.py forgetkeys` deletes the keys that "
            "can't be decrypted. Nothing was changed."
        )
        raise WrongKeyring(text % {"broken": len(broken), "total": len(stored), "keys": some})
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
