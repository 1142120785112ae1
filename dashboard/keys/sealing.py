"""Sealing of API keys: authenticated encryption with a keyring, bound to the row that holds the key.

A sealed key is `b"1:" + Fernet token`. The token's plaintext is the row's id, a newline and the secret, so that a
ciphertext copied to another row does not open there. The keyring's first key seals; all of them open.
"""

from collections.abc import Sequence
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from dashboard.logs import masking
from dashboard.upstream.secret import Secret

VERSION = b"1:"


class SealBroken(Exception):
    """The text was sealed with another keyring, for another row, or was altered."""


def _fernet(keyring: Sequence[bytes] | None) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keyring or settings.KEYRING])


def seal(secret: Secret, row: UUID, keyring: Sequence[bytes] | None = None) -> bytes:
    masking.remember(secret.reveal())
    return VERSION + _fernet(keyring).encrypt(f"{row}\n{secret.reveal()}".encode())


def unseal(sealed: bytes, row: UUID, keyring: Sequence[bytes] | None = None) -> Secret:
    """Raises SealBroken; never returns anything but what `seal` was given for this very row."""
    if not sealed.startswith(VERSION):
        raise SealBroken("unknown seal version")
    try:
        owner, _, text = _fernet(keyring).decrypt(sealed[len(VERSION) :]).decode().partition("\n")
    except InvalidToken as error:
        raise SealBroken("no key of the keyring opens this seal") from error
    if owner != str(row):
        raise SealBroken("sealed for another row")
    masking.remember(text)
    return Secret(text)
