"""Sealing of API keys: authenticated encryption with a keyring, bound to the row that holds the key and to its owner.

A sealed key is `b"2:" + Fernet token`. The token's plaintext is `2`, the row's id, the owner's id and the secret, each
on a line, so that a ciphertext does not open in another row, nor once the row is somebody else's. The keyring's first
key seals; all of them open.

Versions before wrote `b"1:"`, with the row's id and the secret. Such seals still open; `actions.renew_seals` seals
them anew. They are still made while the database holds any (`UNBOUND`), because servers of that version may be running
beside this one, and know no others.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from dashboard import env
from dashboard.logs import masking
from dashboard.upstream.secret import Secret

UNBOUND: Final = b"1:"
BOUND: Final = b"2:"


class SealBroken(Exception):
    """The text was sealed with another keyring, for another row or owner, or was altered. `message` may be shown."""

    message = (
        "This key can't be decrypted: it was stored with another keyring, or modified since. Replace it with "
        "the key from the gateway."
    )


def current_keyring() -> tuple[bytes, ...]:
    """Returns the keyring, empty if there is none. Another process may have created one since this one started."""
    if not settings.KEYRING:
        settings.KEYRING = env.fernet_keys("KEYRING", env.known_secret("KEYRING", settings.DATA_DIR))
        masking.protect(*(key.decode() for key in settings.KEYRING))
    return tuple(settings.KEYRING)


def seal(secret: Secret, row: UUID, owner: int, keyring: Sequence[bytes] | None = None, *, bound: bool = True) -> bytes:
    """`bound` is False for the form of earlier versions."""
    masking.remember_secrets(secret.reveal())
    lines = [str(row), secret.reveal()] if not bound else ["2", str(row), str(owner), secret.reveal()]
    token = MultiFernet([Fernet(key) for key in keyring or current_keyring()]).encrypt("\n".join(lines).encode())
    return (BOUND if bound else UNBOUND) + token


def unseal(sealed: bytes, row: UUID, owner: int, keyring: Sequence[bytes] | None = None) -> Secret:
    """Returns what `seal` was given for this row and owner. Raises SealBroken for everything else."""
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
