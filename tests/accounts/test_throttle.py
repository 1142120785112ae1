"""Who has to wait before a password is checked, and what is logged."""

import logging
import re
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory

from dashboard.accounts import throttle
from dashboard.accounts.models import User
from tests.security.test_sign_in_lockout import guesses
from tests.support.cast import PASSWORD

LOGIN = "/accounts/login/"
SECONDS = {"5", "4", "3"}  # remaining in the first wait, which has begun


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.WARNING, throttle.__name__):
        yield caplog


def words(answer: Any) -> str:
    return re.sub(r"\d", "", str(answer.context["form"].errors))


def test_it_says_when_to_try_again(visitor: Client, alice: User) -> None:
    guesses("alice", 10)
    answer = visitor.post(LOGIN, {"login": "alice", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Retry-After"]) in [(429, seconds) for seconds in SECONDS]
    assert f"Try again in {answer.headers['Retry-After']} seconds" in answer.content.decode()


def test_what_is_refused_counts_no_more(alice: User) -> None:
    guesses("alice", 10)
    before = cache.get(throttle._key("account", f"user:{alice.pk}"))
    guesses("alice", 5)
    assert cache.get(throttle._key("account", f"user:{alice.pk}")) == before


def test_it_lets_in_once_the_wait_is_over(visitor: Client, alice: User) -> None:
    key = throttle._key("account", f"user:{alice.pk}")
    guesses("alice", 10)
    failures, at = cache.get(key)
    cache.set(key, [failures, at - 5])
    assert visitor.post(LOGIN, {"login": "alice", "password": PASSWORD}).status_code == 302
    assert cache.get(key)[0] == pytest.approx(failures)


def test_an_unknown_name_waits_like_a_known_one(visitor: Client, alice: User) -> None:
    answers = []
    for name in ("alice", "nobody"):
        guesses(name, 10)
        answers.append(visitor.post(LOGIN, {"login": name, "password": "a guess"}))
    known, unknown = answers
    assert known.status_code == unknown.status_code == 429
    assert {known.headers["Retry-After"], unknown.headers["Retry-After"]} <= SECONDS
    assert words(known) == words(unknown)


def test_right_passwords_cost_an_address_nothing(alice: User) -> None:
    for _ in range(40):
        assert Client().post(LOGIN, {"login": "alice", "password": PASSWORD}).status_code == 302


def test_right_passwords_are_no_way_to_keep_the_server_busy(visitor: Client, alice: User, bob: User) -> None:
    statuses = [Client().post(LOGIN, {"login": "alice", "password": PASSWORD}).status_code for _ in range(80)]
    assert 429 in statuses[60:]
    assert visitor.post(LOGIN, {"login": "bob", "password": PASSWORD}).status_code == 302


def test_guesses_made_at_once_are_all_counted(rf: RequestFactory) -> None:
    """No password is checked: each attempt stays open until all have begun."""
    begun, refused = [], []
    request, name = rf.post(LOGIN), uuid.uuid4().hex

    def attempt() -> None:
        try:
            begun.append(throttle.begin(request, name, None))
        except throttle.Throttled:
            refused.append(1)

    threads = [threading.Thread(target=attempt) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(begun), len(refused)) == (throttle.ACCOUNT.free, 50 - throttle.ACCOUNT.free)


def test_one_that_the_account_refuses_costs_the_address_nothing(rf: RequestFactory) -> None:
    request = rf.post(LOGIN)
    for _ in range(60):
        try:
            throttle.begin(request, "nobody", None)
        except throttle.Throttled:
            continue
    throttle.begin(request, "somebody-else", None)


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("somewhere", ""),
        ("", ""),
    ],
)
def test_an_address_of_ipv6_counts_with_its_neighbors(rf: RequestFactory, given: str, counted: str) -> None:
    assert throttle.address_of(rf.get("/", REMOTE_ADDR=given)) == counted


def test_the_log_says_who_and_from_where(alice: User, log: pytest.LogCaptureFixture) -> None:
    guesses("alice", 9, "192.0.2.9")
    assert not log.messages
    guesses("alice", 2, "192.0.2.9")
    assert log.messages == [
        "a sign-in as 'alice' from 192.0.2.9 failed; the next has to wait",
        "a sign-in as 'alice' from 192.0.2.9 refused",
    ]


def test_the_log_has_one_line_a_wait(alice: User, log: pytest.LogCaptureFixture) -> None:
    guesses("alice", 10)
    before = len(log.messages)
    guesses("alice", 5)
    assert len(log.messages) == before + 1


def test_a_name_cannot_forge_a_line(visitor: Client, db: None, log: pytest.LogCaptureFixture) -> None:
    name = "x' from 1.2.3.4\n2026-01-01 ERROR \u202e" + "y" * 5_000
    guesses(name, 11)
    assert all("\n" not in line and "\u202e" not in line and len(line) < 500 for line in log.messages)
    assert log.messages[-1].startswith("a sign-in as \"x' from 1.2.3.4\\n2026")


def test_guessing_in_an_open_session_is_slowed_down(as_alice: Client) -> None:
    words = {"oldpassword": "a guess", "password1": "a-long-new-passphrase", "password2": "a-long-new-passphrase"}
    for _ in range(10):
        assert as_alice.post("/accounts/password/change/", words).status_code == 200
    answer = as_alice.post("/accounts/password/change/", {**words, "oldpassword": PASSWORD})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] in SECONDS
    assert User.objects.get(username="alice").check_password(PASSWORD)
