"""Signing in: what it reveals, how often it can be tried, and where it redirects to."""

import pytest
from django.core.cache import cache
from django.test import Client

from dashboard.accounts.models import User
from tests.support.cast import PASSWORD

LOGIN = "/accounts/login/"
WRONG = "Wrong username or password"


def given(name: str, password: str = PASSWORD) -> dict[str, str]:
    return {"login": name, "password": password}


def test_it_does_not_confirm_the_password_of_a_closed_account(visitor: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    right, wrong = visitor.post(LOGIN, given("alice")), visitor.post(LOGIN, given("alice", "no"))
    assert right.status_code == wrong.status_code == 200
    assert WRONG in right.content.decode()
    assert WRONG in wrong.content.decode()


def test_it_counts_tries_under_one_name_whatever_the_host_field_says(visitor: Client, alice: User) -> None:
    for port in range(10):
        visitor.post(LOGIN, given("alice", "no"), headers={"host": f"localhost:{4000 + port}"})
    answer = visitor.post(LOGIN, given("Alice"), headers={"host": "localhost:5000"})
    assert "Too many failed" in answer.content.decode()


def test_it_counts_on_beside_hundreds_of_other_names(visitor: Client, alice: User) -> None:
    for _ in range(10):
        visitor.post(LOGIN, given("alice", "no"))
    for number in range(1_000):  # the state after that many attempts from as many addresses
        cache.set(f"made-up-{number}", [number], 900)
    assert "Too many failed" in visitor.post(LOGIN, given("alice")).content.decode()


@pytest.mark.parametrize(
    "address", ["https://evil.example", "//evil.example", "/\\evil.example", "https://localhost/", "http://testserver/"]
)
def test_it_leads_to_none_but_our_own_pages(visitor: Client, alice: User, address: str) -> None:
    assert visitor.post(LOGIN, {**given("alice"), "next": address}).headers["Location"] == "/"


def test_it_leads_back_to_the_page_that_was_asked_for(visitor: Client, alice: User) -> None:
    assert visitor.post(LOGIN, {**given("alice"), "next": "/keys/?x=1"}).headers["Location"] == "/keys/?x=1"
