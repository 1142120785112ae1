"""A member's own page: name, email address and theme."""

import pytest
from django.test import Client

from dashboard.accounts.models import User

pytestmark = pytest.mark.django_db


def save(client: Client, **given: str) -> int:
    return client.post("/profile", {"full_name": "", "email": "", "theme": "", **given}).status_code


def test_others_see_the_name(as_alice: Client, as_ada: Client, alice: User) -> None:
    assert save(as_alice, full_name="  Alice   O'Hara ", email="alice@example.com") == 302
    alice.refresh_from_db()
    assert (alice.name, alice.email) == ("Alice O'Hara", "alice@example.com")
    assert "Alice O&#x27;Hara" in as_ada.get("/people/").content.decode()
    assert save(as_alice) == 302
    alice.refresh_from_db()
    assert alice.name == "alice"


@pytest.mark.parametrize("theme", ["light", "dark", ""])
def test_pages_have_the_theme(as_alice: Client, theme: str) -> None:
    assert save(as_alice, theme=theme) == 302
    page = as_alice.get("/").content.decode()
    assert ('data-theme="' in page) == bool(theme)
    assert f'data-theme="{theme}"' in page or not theme


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"full_name": "Bob"}, "This name is taken."),
        ({"full_name": "B o b"}, "This name is taken."),
        ({"full_name": "Ada Admin"}, "This name is taken."),
        ({"full_name": "Аlice"}, "letters of one script"),  # a Cyrillic A
        ({"full_name": "x\u202ey"}, "no hidden characters"),
        ({"full_name": "<b>"}, "letters, digits, spaces, apostrophes"),
        ({"full_name": "' '"}, "A name has letters or digits."),
        ({"full_name": "x" * 61}, "at most 60 characters"),
        ({"email": "nowhere"}, "valid email address"),
        ({"email": "bob"}, "valid email address"),
        ({"theme": "pink"}, "not one of the available choices"),
    ],
)
def test_what_can_not_be_is_said_and_kept(
    as_alice: Client, alice: User, bob: User, ada: User, given: dict[str, str], words: str
) -> None:
    User.objects.filter(pk=ada.pk).update(first_name="Ada", last_name="Admin")
    answer = as_alice.post("/profile", {"full_name": "", "email": "", "theme": "", **given})
    assert answer.status_code == 422
    assert words in " ".join(answer.content.decode().split())
    assert all(answer.context["form"][name].value() == value for name, value in given.items())
    alice.refresh_from_db()
    assert (alice.name, alice.email, alice.theme) == ("alice", "", "")


def test_it_changes_nothing_else(as_alice: Client, alice: User) -> None:
    save(as_alice, is_staff="on", username="root", is_superuser="on")
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser, alice.username) == (False, False, "alice")
