"""No response repeats a password, and none stays in a cache."""

import pytest
from django.test import Client

from dashboard.accounts.models import User
from tests.support.cast import PASSWORD

AJAX = [
    {"Accept": "application/json"},
    {"X-Requested-With": "XMLHttpRequest"},
    {"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"},
]


@pytest.mark.parametrize("headers", AJAX)
@pytest.mark.parametrize("password", [PASSWORD, "a-wrong-passphrase"])
def test_signing_in_does_not_echo_the_password(
    visitor: Client, alice: User, headers: dict[str, str], password: str
) -> None:
    answer = visitor.post("/accounts/login/", {"login": "alice", "password": password}, headers=headers)
    assert password not in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("headers", AJAX)
def test_changing_a_password_does_not_echo_it(as_alice: Client, headers: dict[str, str]) -> None:
    words = {"oldpassword": "the-old-one", "password1": "the-new-one", "password2": "the-new-one"}
    answer = as_alice.post("/accounts/password/change/", words, headers=headers)
    assert not any(word in answer.content.decode() for word in words.values())
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/readyz", "/healthz", "/tasks/no-such-thing", "/accounts/logout/"])
def test_no_answer_is_kept_by_a_cache(as_alice: Client, path: str) -> None:
    assert "no-store" in as_alice.get(path).headers["Cache-Control"]


def test_static_files_are_kept(visitor: Client) -> None:
    assert "max-age" in visitor.get("/static/css/base.css").headers["Cache-Control"]
