"""Attackers can only make themselves wait, never someone who has signed in from this device before."""

from django.test import Client

from dashboard.accounts.models import User
from tests.support.cast import PASSWORD

LOGIN = "/accounts/login/"
HERE, THERE = "192.0.2.1", "198.51.100.7"


def known_device(name: str, address: str = HERE) -> Client:
    """Returns a client that has signed in and out again."""
    client = Client(REMOTE_ADDR=address)
    assert sign_in(client, name) == 302
    client.post("/accounts/logout/")
    return client


def sign_in(client: Client, name: str, password: str = PASSWORD) -> int:
    return client.post(LOGIN, {"login": name, "password": password}).status_code


def guesses(name: str, number: int, address: str = "") -> None:
    """Sends wrong passwords, each from a different address unless one is given."""
    for guess in range(number):
        sign_in(Client(REMOTE_ADDR=address or f"203.0.113.{guess % 250}"), name, "a guess")


def test_it_lets_a_known_device_in_whatever_strangers_try(alice: User) -> None:
    device = known_device("alice")
    guesses("alice", 12)
    assert sign_in(Client(REMOTE_ADDR=THERE), "alice") == 429
    assert sign_in(device, "alice") == 302


def test_it_lets_a_known_device_in_from_an_address_that_waits(alice: User) -> None:
    device = known_device("alice")
    for number in range(31):
        guesses(f"nobody-{number}", 1, HERE)
    assert sign_in(Client(REMOTE_ADDR=HERE), "alice") == 429
    assert sign_in(device, "alice") == 302


def test_it_does_not_lock_an_office_out_by_many_right_sign_ins(alice: User, bob: User) -> None:
    device = known_device("bob")
    for _ in range(61):
        sign_in(Client(REMOTE_ADDR=HERE), "alice")
    assert sign_in(device, "bob") == 302
