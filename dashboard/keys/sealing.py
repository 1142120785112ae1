"""Seals API keys with authenticated encryption, using the keyring. A seal is bound to the key's row and owner.

A sealed key is `b"2:" + Fernet token`. The plaintext has four lines: `2`, the row's ID, the owner's ID and the secret.
So a ciphertext doesn't open in another row or for another owner. The first key of the keyring seals; any of its keys
can open.

Earlier versions wrote `b"1:"`, with the row's ID and the secret only. Such seals still open, and `actions.renew_seals`
replaces them. New seals use that format (`UNBOUND`) as long as the database contains any, because servers of the
earlier version may still be running and can't read the new format.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext_noop

from dashboard import env
from dashboard.logs import masking
from dashboard.upstream.secret import Secret

UNBOUND: Final = b"1:"
BOUND: Final = b"2:"


class SealBroken(Exception):
    """Raised if a secret was sealed with another keyring, for another row or owner, or was altered.

    `message` may be shown to members, through gettext.
    """

    message = gettext_noop(
        "This key can't be decrypted: it was stored with another keyring, or modified since. Replace it with "
        "the key from the gateway."
    )


def current_keyring() -> tuple[bytes, ...]:
    """Returns the keyring, or () if there is none. Rereads it while empty: another process may have created one."""
    if not settings.KEYRING:
        settings.KEYRING = env.fernet_keys("KEYRING", env.known_secret("KEYRING", settings.DATA_DIR))
        masking.protect(*(key.decode() for key in settings.KEYRING))
    return tuple(settings.KEYRING)


def seal(secret: Secret, row: UUID, owner: int, keyring: Sequence[bytes] | None = None, *, bound: bool = True) -> bytes:
    """Returns the sealed secret. With `bound=False`, uses the format of earlier versions."""
    masking.remember_secrets(secret.reveal())
    lines = [str(row), secret.reveal()] if not bound else ["2", str(row), str(owner), secret.reveal()]
    token = MultiFernet([Fernet(key) for key in keyring or current_keyring()]).encrypt("\n".join(lines).encode())
    return (BOUND if bound else UNBOUND) + token


def unseal(sealed: bytes, row: UUID, owner: int, keyring: Sequence[bytes] | None = None) -> Secret:
    """Returns the secret that was sealed for this row and owner. Raises SealBroken for anything else."""
    version, token = sealed[: len(BOUND)], sealed[len(BOUND) :]
    if version not in (BOUND, UNBOUND):
        raise SealBroken("unknown seal version")
    *place, text = _opened(token, keyring).split("\n")
    if place != (["2", str(row), str(owner)] if version == BOUND else [str(row)]):  # guard: seal-is-bound-to-row
        raise SealBroken("sealed for another row or owner")
    masking.remember_secrets(text)
    return Secret(text)


def _opened(token: bytes, keyring: Sequence[bytes] | None) -> str:
    keys = [Fernet(key) for key in keyring or current_keyring()]
    if not keys:
        raise SealBroken("there is no keyring")
    try:
        return MultiFernet(keys).decrypt(token).decode()
    except InvalidToken as error:
        raise SealBroken("no key of the keyring opens this seal") from error
