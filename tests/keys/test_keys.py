"""API keys: added, tested, replaced, revoked, and never shown."""

import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.keys import actions
from dashboard.keys.models import ApiKey
from dashboard.tasks.models import Task
from dashboard.upstream.secret import Secret
from tests.support.gateway import ALICE_KEY, Gateway

WRONG = "sk-wrong-00000000000000000"


@pytest.fixture(autouse=True)
def configured(settings: Settings, gateway: Gateway) -> None:
    settings.AMUX_BASE_URL = gateway.url


def test_it_is_added_sealed_and_tested(as_alice: Client) -> None:
    as_alice.post("/keys/add", {"label": "Studio", "secret": ALICE_KEY})
    key = ApiKey.objects.get()
    assert (key.label, key.last_four, key.state) == ("Studio", ALICE_KEY[-4:], "works")
    assert ALICE_KEY.encode() not in bytes(key.sealed)
    assert actions.open_secret(key) == Secret(ALICE_KEY)


def test_a_refused_one_is_kept_and_says_so(as_alice: Client) -> None:
    answer = as_alice.post("/keys/add", {"label": "Studio", "secret": WRONG}, follow=True)
    assert ApiKey.objects.get().state == "refused"
    assert "Refused" in answer.content.decode()


def test_a_gateway_that_is_down_leaves_it_untested(as_alice: Client, settings: Settings) -> None:
    settings.AMUX_BASE_URL = "http://127.0.0.1:1"
    as_alice.post("/keys/add", {"label": "Studio", "secret": ALICE_KEY})
    assert ApiKey.objects.get().state == "untested"


@pytest.mark.parametrize("secret", ["", "sk-2sml", "with space inside", "sk-ünïcode-000000", "x" * 513])
def test_a_malformed_one_is_refused_and_never_put_back(as_alice: Client, secret: str) -> None:
    answer = as_alice.post("/keys/add", {"label": "Studio", "secret": secret})
    assert answer.status_code == 422
    assert answer.context["form"].errors["secret"]
    assert not secret or secret not in answer.content.decode()
    assert 'value="Studio"' in answer.content.decode()


def test_two_of_one_name_are_refused(as_alice: Client, alices_key: ApiKey) -> None:
    answer = as_alice.post("/keys/add", {"label": "Studio", "secret": ALICE_KEY})
    assert answer.status_code == 422
    assert ApiKey.objects.count() == 1


def test_testing_notes_when_it_was_checked(as_alice: Client, alices_key: ApiKey, gateway: Gateway) -> None:
    gateway.remove_key(ALICE_KEY)
    as_alice.post(f"/keys/{alices_key.pk}/test")
    alices_key.refresh_from_db()
    assert alices_key.state == "refused"
    assert alices_key.checked_at is not None


def test_replacing_asks_and_then_changes_the_secret(as_alice: Client, alices_key: ApiKey, gateway: Gateway) -> None:
    gateway.add_key("sk-brand-new-000000007777")
    asked = as_alice.post(f"/keys/{alices_key.pk}/replace")
    assert asked.status_code == 200
    as_alice.post(f"/keys/{alices_key.pk}/replace", {"secret": "sk-brand-new-000000007777"})
    alices_key.refresh_from_db()
    assert (alices_key.last_four, alices_key.state) == ("7777", "works")


def test_revoking_asks_and_says_how_many_tasks_need_it(as_alice: Client, alices_key: ApiKey, alices_task: Task) -> None:
    answer = as_alice.post(f"/keys/{alices_key.pk}/revoke")
    assert answer.context["key"].in_flight == 1
    assert ApiKey.objects.get().revoked_at is None


def test_revoking_forgets_the_secret(as_alice: Client, alices_key: ApiKey) -> None:
    as_alice.post(f"/keys/{alices_key.pk}/revoke", {"confirmed": "on"})
    key = ApiKey.objects.get()
    assert (bytes(key.sealed), key.revoked_at is None) == (b"", False)


def test_a_revoked_one_takes_no_other_secret(as_alice: Client, alices_key: ApiKey) -> None:
    actions.revoke(alices_key)
    assert as_alice.post(f"/keys/{alices_key.pk}/replace", {"secret": ALICE_KEY}).status_code == 404
    assert not actions.replace(alices_key, Secret(ALICE_KEY))


@pytest.mark.parametrize("act", ["test", "replace", "revoke"])
def test_a_stranger_finds_no_key(as_bob: Client, alices_key: ApiKey, act: str) -> None:
    assert as_bob.post(f"/keys/{alices_key.pk}/{act}", {"confirmed": "on", "secret": WRONG}).status_code == 404
    assert actions.open_secret(ApiKey.objects.get()) == Secret(ALICE_KEY)


@pytest.mark.parametrize("act", ["test", "replace", "revoke"])
def test_a_get_does_nothing(as_alice: Client, alices_key: ApiKey, act: str) -> None:
    assert as_alice.get(f"/keys/{alices_key.pk}/{act}").status_code == 405


def test_an_admin_adds_and_revokes_for_a_member_without_seeing_the_secret(
    as_ada: Client, alice: User, alices_key: ApiKey
) -> None:
    as_ada.post("/keys/add", {"label": "Second", "secret": ALICE_KEY, "owner": str(alice.pk)})
    assert ApiKey.objects.filter(owner=alice).count() == 2
    html = as_ada.get("/people/").content.decode()
    assert "Studio" in html
    assert ALICE_KEY not in html
    as_ada.post(f"/keys/{alices_key.pk}/revoke", {"confirmed": "on"})
    assert ApiKey.objects.get(pk=alices_key.pk).revoked_at is not None


def test_a_member_adds_none_for_somebody_else(as_bob: Client, alice: User, bob: User) -> None:
    as_bob.post("/keys/add", {"label": "Mine", "secret": ALICE_KEY, "owner": str(alice.pk)})
    assert ApiKey.objects.get().owner == bob


def test_no_page_shows_a_secret(as_alice: Client, alices_key: ApiKey) -> None:
    html = as_alice.get("/keys/").content.decode()
    assert alices_key.last_four in html
    assert ALICE_KEY not in html


def test_a_server_of_the_version_before_can_write_when_one_was_replaced(alices_key: ApiKey) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE api_key SET replaced_at = created_at")
        assert cursor.rowcount == 1
