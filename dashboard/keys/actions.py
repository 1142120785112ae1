"""Changes API keys. Only this module writes their secrets. Every change wakes the poller, which updates the tasks."""

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
    """The member has a live key of this label already."""


def add(owner: User, label: str, secret: Secret) -> ApiKey:
    """Raises LabelTaken."""
    key = ApiKey(id=uuid.uuid4(), owner=owner, label=label, last_four=secret.last_four)
    key.sealed = _sealed(secret, key)
    try:
        with write_transaction():
            key.save(force_insert=True)
    except IntegrityError as error:
        raise LabelTaken(label) from error
    return key


def replace(key: ApiKey, secret: Secret) -> bool:
    """Replaces the secret of a key; its tasks continue. Returns False if the key was revoked meanwhile."""
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
    """Deletes the secret. The key's tasks stay, and say that they are no longer polled."""
    return _update(key, sealed=b"", revoked_at=timezone.now(), backoff_until=None)


def test(key: ApiKey) -> str:
    """Tests the key at the gateway and stores the result. Returns what went wrong, or "" if it works."""
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
        # The gateway could not say: what was known of the key stays as it was.
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
    """The only way to a secret. Raises usage.KeyUnusable for a key that may not be used now, and sealing.SealBroken."""
    usage.check(key, to_finish=to_finish)
    return _unsealed(key)


def _unsealed(key: ApiKey) -> Secret:
    return sealing.unseal(bytes(key.sealed), key.pk, key.owner_id)


def _sealed(secret: Secret, key: ApiKey) -> bytes:
    """Seals so that servers of an earlier version can open it, as long as seals of that version exist."""
    if not sealing.current_keyring():
        keyring.prepare()
    return sealing.seal(secret, key.pk, key.owner_id, bound=not ApiKey.objects.with_unbound_seals().exists())


def renew_seals() -> int:
    """Seals again what an earlier version sealed, and returns how many. Leaves broken seals as they are.

    Each is one compare-and-set: whoever dies, or meets another process at it, leaves a key that opens.
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
    """Deletes a secret that can't be opened. Returns False if it was replaced meanwhile."""
    with write_transaction():
        unchanged = ApiKey.objects.filter(pk=key.pk, sealed=key.sealed)
        return bool(unchanged.update(sealed=b"", state=ApiKey.State.UNTESTED, state_since=timezone.now()))


def _since(key: ApiKey, state: str) -> object:
    return key.state_since if key.state == state else timezone.now()


def _update_tested(key: ApiKey, secret: Secret, **fields: object) -> None:
    # Replaced while the test was on its way? Then the answer speaks of a secret that is gone.
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
    with suppress(ApiKey.DoesNotExist):  # its owner may have been deleted, and the key with them
        key.refresh_from_db()
