"""The cookie of a device that has signed in to an account before."""

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory

from dashboard.accounts import devices
from dashboard.accounts.models import User
from tests.support.cast import PASSWORD

LOGIN = "/accounts/login/"
NAME = "reelboard_device"
NEW = "a-long-new-passphrase"
CHANGE = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}


def sign_in(client: Client, name: str, password: str = PASSWORD) -> None:
    assert client.post(LOGIN, {"login": name, "password": password}).status_code == 302


def is_known(rf: RequestFactory, client: Client, user: User) -> bool:
    user.refresh_from_db()
    rf.cookies[NAME] = client.cookies[NAME].value
    return bool(devices.known(rf.get(LOGIN), user))


def test_signing_in_gives_it(visitor: Client, alice: User, rf: RequestFactory) -> None:
    sign_in(visitor, "alice")
    cookie = visitor.cookies[NAME]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["max-age"]) == ("Strict", "/", devices.LIFE)
    assert is_known(rf, visitor, alice)


def test_it_is_a_host_cookie_behind_tls(monkeypatch: pytest.MonkeyPatch, rf: RequestFactory, alice: User) -> None:
    monkeypatch.setattr(settings, "SESSION_COOKIE_SECURE", True)
    monkeypatch.setattr(settings, "DEVICE_COOKIE_NAME", "__Host-device")
    response = HttpResponse()
    devices.remember(rf.get("/"), response, alice)
    cookie = response.cookies["__Host-device"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


def test_a_wrong_password_gives_none(visitor: Client, alice: User) -> None:
    for name in ("alice", "nobody"):
        visitor.post(LOGIN, {"login": name, "password": "a guess"})
    assert NAME not in visitor.cookies


def test_it_is_for_one_account_alone(visitor: Client, alice: User, bob: User, rf: RequestFactory) -> None:
    sign_in(visitor, "alice")
    assert not is_known(rf, visitor, bob)


def test_several_accounts_of_one_device_are_all_known(alice: User, bob: User, rf: RequestFactory) -> None:
    client = Client()
    for name in ("alice", "bob", "alice"):
        sign_in(client, name)
        client.post("/accounts/logout/")
    assert is_known(rf, client, alice)
    assert is_known(rf, client, bob)
    assert client.cookies[NAME].value.count(".") == 2


def test_it_does_not_grow_for_ever(alice: User) -> None:
    client = Client()
    for number in range(8):
        User.objects.create_user(f"member-{number}", password=PASSWORD)
        sign_in(client, f"member-{number}")
        client.post("/accounts/logout/")
    assert len(client.cookies[NAME].value) < 200


def test_a_new_password_ends_it_everywhere_but_where_it_was_set(alice: User, rf: RequestFactory) -> None:
    here, there = Client(), Client()
    sign_in(here, "alice")
    sign_in(there, "alice")
    assert here.post("/accounts/password/change/", CHANGE).status_code == 302
    assert is_known(rf, here, alice)
    assert not is_known(rf, there, alice)


def test_it_cannot_be_made_up(visitor: Client, alice: User, rf: RequestFactory) -> None:
    sign_in(visitor, "alice")
    right = visitor.cookies[NAME].value
    device, _, signature = right.partition(".")
    for made_up in ("", ".", device, f"{device}.", f"{device}.{signature[:-1]}0", f"{'A' * 22}.{signature}", "é" * 60):
        visitor.cookies[NAME] = made_up if made_up != right else "x"
        assert not is_known(rf, visitor, alice)


def test_joining_gives_it(as_ada: Client, visitor: Client, rf: RequestFactory) -> None:
    path = as_ada.post("/people/invite", follow=True).context["new_invitation"].removeprefix("http://testserver")
    visitor.post(path, {"username": "robin", "password1": NEW, "password2": NEW})
    assert is_known(rf, visitor, User.objects.get(username="robin"))


def test_its_owner_may_mistype_without_help_of_strangers(alice: User) -> None:
    """The device's own counter has limits, too: a stolen cookie doesn't allow more guesses."""
    client = Client()
    sign_in(client, "alice")
    client.post("/accounts/logout/")
    for _ in range(10):
        assert client.post(LOGIN, {"login": "alice", "password": "a guess"}).status_code == 200
    assert client.post(LOGIN, {"login": "alice", "password": PASSWORD}).status_code == 429
    sign_in(Client(), "alice")
