"""A sign-in takes equally long whether the account exists or not, and name and email address share one count."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from dashboard.accounts.models import User
from tests.support.cast import PASSWORD

LOGIN = "/accounts/login/"
EMAIL = "alice@example.com"


class CountingHasher(MD5PasswordHasher):
    algorithm = "counting"
    hashes = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).hashes += 1
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def hasher(settings: object) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]  # type: ignore[attr-defined]  # pytest-django's


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", EMAIL, PASSWORD)


def hashes_of(client: Client, login: str, password: str) -> int:
    before = CountingHasher.hashes
    client.post(LOGIN, {"login": login, "password": password})
    return CountingHasher.hashes - before


@pytest.mark.parametrize("login", ["alice", "ALICE", EMAIL, "Alice@Example.com", "nobody", "nobody@example.com"])
def test_it_hashes_once_in_every_case(visitor: Client, alice: User, login: str) -> None:
    assert hashes_of(visitor, login, "a guess") == 1


def test_it_hashes_once_for_the_right_password(alice: User) -> None:
    assert [hashes_of(Client(), login, PASSWORD) for login in ("alice", EMAIL)] == [1, 1]


def test_it_hashes_once_for_a_closed_account(visitor: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert [hashes_of(visitor, "alice", word) for word in (PASSWORD, "a guess")] == [1, 1]


def test_it_hashes_once_where_the_name_is_the_e_mail(visitor: Client, db: None) -> None:
    User.objects.create_user("carol@example.com", "carol@example.com", PASSWORD)
    assert hashes_of(visitor, "carol@example.com", "a guess") == 1


def test_it_counts_both_spellings_of_an_account_together(alice: User) -> None:
    for number in range(10):
        client = Client(REMOTE_ADDR=f"203.0.113.{number}")
        client.post(LOGIN, {"login": "alice" if number % 2 else EMAIL, "password": "a guess"})
    for login in ("alice", "ALICE", EMAIL):
        assert "Too many failed" in Client().post(LOGIN, {"login": login, "password": PASSWORD}).content.decode()
