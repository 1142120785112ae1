"""Changes API keys. Only this module writes their secrets. Changing a key wakes the poller, which updates its tasks."""

import uuid
from contextlib import suppress

from asgiref.sync import async_to_sync
from django.db import IntegrityError
from django.utils import timezone

from dashboard import notify
from dashboard.accounts.models import User
from dashboard.database import release_connection, write_transaction
from dashboard.keys import keyring, sealing, usage
from dashboard.keys.models import ApiKey
from dashboard.upstream import client, errors
from dashboard.upstream.secret import Secret


class LabelTaken(Exception):
    """Raised if the member already has an unrevoked key with this label."""


def add(owner: User, label: str, secret: Secret) -> ApiKey:
    """Stores a new key and returns it. Raises LabelTaken."""
    key = ApiKey(id=uuid.uuid4(), owner=owner, label=label, last_four=secret.last_four)
    key.sealed = _sealed(secret, key)
    try:
        with write_transaction():
            key.save(force_insert=True)
    except IntegrityError as error:
        raise LabelTaken(label) from error
    return key


def replace(key: ApiKey, secret: Secret) -> bool:
    """Replaces a key's secret. Its tasks continue. Returns False if the key was revoked in the meantime."""
    now = timezone.now()
    return _update(
        key,
        sealed=_sealed(secret, key),
        last_four=secret.last_four,
        state=ApiKey.State.UNTESTED,
        state_since=now,
        checked_at=None,
        refusals=0,
        refused_first_at=None,
        backoff_until=None,
        backoff_step=0,
    )


def revoke(key: ApiKey) -> bool:
    """Revokes the key and deletes its secret. Its tasks stay, and show that they are no longer polled."""
    return _update(key, sealed=b"", revoked_at=timezone.now(), backoff_until=None)


def test(key: ApiKey) -> str:
    """Tests the key at the gateway and stores the result. Returns an error message, or "" if the key works."""
    try:
        secret = open_secret(key)
    except usage.KeyUnusable as error:
        return str(error)
    except sealing.SealBroken as error:
        return error.message
    now = timezone.now()
    release_connection()
    try:
        async_to_sync(_check)(secret)
    except errors.KeyRefused as error:
        _update_tested(key, secret, state=ApiKey.State.REFUSED, state_since=_since(key, ApiKey.State.REFUSED))
        return error.message
    except errors.UpstreamError as error:
        # The test was inconclusive, so the key's state doesn't change.
        return error.message
    _update_tested(
        key,
        secret,
        state=ApiKey.State.WORKS,
        state_since=_since(key, ApiKey.State.WORKS),
        refusals=0,
        refused_first_at=None,
        backoff_until=None,
        last_used_at=now,
    )
    return ""


async def _check(secret: Secret) -> None:
    async with client.client_for_call() as gateway:
        await gateway.check(secret)


def open_secret(key: ApiKey, *, to_finish: bool = False) -> Secret:
    """Returns the key's secret. This is the only way to get one.

    Raises usage.KeyUnusable if the key may not be used now, and sealing.SealBroken if it can't be decrypted.
    """
    usage.check(key, to_finish=to_finish)
    return _unsealed(key)


def _unsealed(key: ApiKey) -> Secret:
    return sealing.unseal(bytes(key.sealed), key.pk, key.owner_id)


def _sealed(secret: Secret, key: ApiKey) -> bytes:
    """Seals the secret. Uses the earlier format while such seals exist, so that earlier versions can open it."""
    if not sealing.current_keyring():
        keyring.prepare()
    return sealing.seal(secret, key.pk, key.owner_id, bound=not ApiKey.objects.with_unbound_seals().exists())


def renew_seals() -> int:
    """Reseals secrets that an earlier version sealed, and returns how many. Leaves broken seals alone.

    Each one is a compare-and-set, so a crash or a concurrent process can't leave a key that doesn't open.
    """
    renewed = 0
    for key in ApiKey.objects.with_unbound_seals():
        try:
            bound = sealing.seal(_unsealed(key), key.pk, key.owner_id)
        except sealing.SealBroken:
            continue
        with write_transaction():
            unchanged = ApiKey.objects.filter(pk=key.pk, owner=key.owner_id, sealed=key.sealed)
            renewed += unchanged.update(sealed=bound)
    return renewed


def forget_secret(key: ApiKey) -> bool:
    """Deletes a secret that can't be opened. Returns False if it was replaced in the meantime."""
    with write_transaction():
        unchanged = ApiKey.objects.filter(pk=key.pk, sealed=key.sealed)
        return bool(unchanged.update(sealed=b"", state=ApiKey.State.UNTESTED, state_since=timezone.now()))


def _since(key: ApiKey, state: str) -> object:
    return key.state_since if key.state == state else timezone.now()


def _update_tested(key: ApiKey, secret: Secret, **fields: object) -> None:
    # If the secret was replaced during the test, the result is about the old one, and is dropped.
    unchanged = ApiKey.objects.filter(pk=key.pk, sealed=key.sealed, revoked_at=None)
    with write_transaction():
        if unchanged.update(checked_at=timezone.now(), **fields):
            notify.wake_poller()
    _read_again(key)


def _update(key: ApiKey, **fields: object) -> bool:
    with write_transaction():
        done = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(**fields)
        notify.wake_poller()
    _read_again(key)
    return bool(done)


def _read_again(key: ApiKey) -> None:
    with suppress(ApiKey.DoesNotExist):  # the key may have been deleted along with its owner
        key.refresh_from_db()
