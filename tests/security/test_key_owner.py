"""A key never changes owners: it can be decrypted for its owner only, and the owner can't be changed."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.keys import actions, keyring, models, sealing
from dashboard.keys.models import ApiKey
from dashboard.polling import maintenance
from dashboard.polling import models as beats
from dashboard.polling.models import PollerHeartbeat
from dashboard.upstream.secret import Secret
from tests.support.gateway import ALICE_KEY


def give_away(key: ApiKey, taker: User) -> ApiKey:
    """Changes the owner with write access to the database."""
    with connection.cursor() as cursor:
        number = key.pk.hex if connection.vendor == "sqlite" else str(key.pk)
        cursor.execute("UPDATE api_key SET owner_id = %s WHERE id = %s", [taker.pk, number])
    return ApiKey.objects.get(owner=taker)


def seal_as_before(key: ApiKey) -> ApiKey:
    token = Fernet(settings.KEYRING[0]).encrypt(f"{key.pk}\n{ALICE_KEY}".encode())
    ApiKey.objects.filter(pk=key.pk).update(sealed=b"1:" + token)
    return ApiKey.objects.get(pk=key.pk)


def test_a_key_that_was_moved_to_somebody_else_does_not_open(alices_key: ApiKey, bob: User) -> None:
    with pytest.raises(sealing.SealBroken):
        actions.open_secret(give_away(alices_key, bob))


def test_whoever_it_was_moved_to_sends_nothing_with_it(alices_key: ApiKey, bob: User, as_bob: Client) -> None:
    page = as_bob.post(f"/keys/{give_away(alices_key, bob).pk}/test", follow=True).content.decode()
    assert "can&#x27;t be decrypted" in page
    assert "works" not in page


def test_a_keyring_is_wrong_for_a_key_that_was_moved(alices_key: ApiKey, bob: User) -> None:
    give_away(alices_key, bob)
    with pytest.raises(keyring.WrongKeyring):
        keyring.verify()


def test_the_owner_cannot_be_changed(alices_key: ApiKey, bob: User) -> None:
    key = ApiKey.objects.get()
    key.owner = bob
    for change in (
        key.save,
        lambda: ApiKey.objects.update(owner=bob),
        lambda: ApiKey.objects.bulk_update([key], ["owner"]),
    ):
        with pytest.raises(models.OwnerFixed):
            change()
    assert ApiKey.objects.get().owner_id != bob.pk


def test_a_seal_of_before_opens_and_is_renewed(alices_key: ApiKey, bob: User) -> None:
    seal_as_before(alices_key)
    assert actions.open_secret(ApiKey.objects.get()) == Secret(ALICE_KEY)
    assert maintenance.renew_seals(timezone.now()) == 1
    assert actions.open_secret(ApiKey.objects.get()) == Secret(ALICE_KEY)
    with pytest.raises(sealing.SealBroken):
        actions.open_secret(give_away(alices_key, bob))


def test_renewing_does_not_undo_a_replacement(alices_key: ApiKey, monkeypatch: pytest.MonkeyPatch) -> None:
    old = seal_as_before(alices_key)
    unseal = sealing.unseal

    def slowly(*given: object) -> Secret:
        ApiKey.objects.filter(pk=old.pk).update(sealed=b"2:another")
        return unseal(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(sealing, "unseal", slowly)
    assert actions.renew_seals() == 0
    assert bytes(ApiKey.objects.get().sealed) == b"2:another"


def test_one_that_is_broken_keeps_none_from_being_renewed(alices_key: ApiKey, bobs_key: ApiKey) -> None:
    ApiKey.objects.filter(pk=bobs_key.pk).update(sealed=b"1:broken")
    seal_as_before(alices_key)
    assert actions.renew_seals() == 1
    assert bytes(ApiKey.objects.get(pk=bobs_key.pk).sealed) == b"1:broken"


def test_nothing_is_renewed_while_a_poller_of_before_is_alive(alices_key: ApiKey) -> None:
    seal_as_before(alices_key)
    now = timezone.now()
    beats.record_heartbeat("old", now, polls=1, in_flight=0, metrics={"outcomes": {}})
    beats.record_heartbeat("new", now, polls=1, in_flight=0, metrics={maintenance.SEALS: True})
    assert maintenance.renew_seals(now) == 0
    PollerHeartbeat.objects.filter(name="old").update(at=now - timedelta(minutes=1))
    assert maintenance.renew_seals(now) == 1


def test_servers_of_before_open_what_is_sealed_beside_them(alices_key: ApiKey, alice: User) -> None:
    seal_as_before(alices_key)
    assert bytes(actions.add(alice, "Second", Secret("sk-second-0000000000")).sealed)[:2] == b"1:"
    actions.renew_seals()
    assert bytes(actions.add(alice, "Third", Secret("sk-third-00000000000")).sealed)[:2] == b"2:"
