"""How a member who is locked out by others gets in again: through an admin, or the operator of the server."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from dashboard.accounts.models import User
from tests.security.test_sign_in_lockout import guesses, sign_in


def wrong_on_a_known_device(client: Client) -> None:
    assert sign_in(client, "alice") == 302
    client.post("/accounts/logout/")
    for _ in range(10):
        sign_in(client, "alice", "a guess")


def test_an_admin_unlocks_a_member(as_ada: Client, alice: User) -> None:
    guesses("alice", 10)
    assert sign_in(Client(), "alice") == 429
    assert as_ada.post(f"/people/{alice.pk}/unlock").headers["Location"] == "/people/"
    assert sign_in(Client(), "alice") == 302


def test_the_page_offers_it(as_ada: Client, alice: User) -> None:
    assert f'action="/people/{alice.pk}/unlock"' in as_ada.get("/people/").content.decode()


def test_it_unlocks_known_devices_too(as_ada: Client, alice: User) -> None:
    device = Client()
    wrong_on_a_known_device(device)
    assert sign_in(device, "alice") == 429
    as_ada.post(f"/people/{alice.pk}/unlock")
    assert sign_in(device, "alice") == 302


def test_guessing_is_slowed_down_again_afterwards(as_ada: Client, alice: User) -> None:
    guesses("alice", 10)
    as_ada.post(f"/people/{alice.pk}/unlock")
    guesses("alice", 10)
    assert sign_in(Client(), "alice") == 429


@pytest.mark.parametrize("name", ["alice", "ALICE", "alice@example.com"])
def test_a_command_unlocks_a_member(alice: User, name: str) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.com")
    guesses("alice", 10)
    output = StringIO()
    call_command("unlock", name, stdout=output)
    assert "alice can try to sign in again now." in output.getvalue()
    assert sign_in(Client(), "alice") == 302


def test_the_command_says_that_there_is_nobody(db: None) -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("unlock", "nobody")
