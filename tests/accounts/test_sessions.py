"""How long a session lasts. The tests simulate time by moving its stored times into the past."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from dashboard.accounts import sessions
from dashboard.accounts.models import User
from tests.support.cast import PASSWORD, signed_in

HOUR = 3600
DAY = 24 * HOUR


def passes(client: Client, seconds: int) -> None:
    row = Session.objects.get(pk=client.session.session_key)
    then = row.get_decoded()
    for name in (sessions.SIGNED_IN_AT, sessions.LAST_USED_AT):
        then[name] -= seconds
    row.session_data = SessionStore().encode(then)
    row.expire_date -= timedelta(seconds=seconds)
    row.save()


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def ends_in(client: Client) -> float:
    row = Session.objects.get(pk=client.session.session_key)
    return (row.expire_date - timezone.now()).total_seconds()


def by_password(client: Client) -> None:
    client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})


def by_a_test(client: Client) -> None:
    client.force_login(User.objects.get(username="alice"))


@pytest.mark.parametrize("sign_in", [by_password, by_a_test])
def test_it_ends_when_it_is_not_used(visitor: Client, alice: User, sign_in: Callable[[Client], None]) -> None:
    sign_in(visitor)
    assert ends_in(visitor) == pytest.approx(12 * HOUR, abs=60)
    passes(visitor, 12 * HOUR + 1)
    assert not is_in(visitor)


def test_a_page_keeps_it_going(as_alice: Client) -> None:
    passes(as_alice, 11 * HOUR)
    answer = as_alice.get("/")
    assert ends_in(as_alice) == pytest.approx(12 * HOUR, abs=60)
    assert answer.cookies["reelboard_session"]["max-age"] == 12 * HOUR


def test_it_ends_a_week_after_signing_in_however_much_it_is_used(as_alice: Client) -> None:
    for _ in range(16):
        assert is_in(as_alice)
        passes(as_alice, 10 * HOUR)
    assert is_in(as_alice)
    assert ends_in(as_alice) == pytest.approx(7 * DAY - 160 * HOUR, abs=60)
    passes(as_alice, 8 * HOUR + 1)
    assert not is_in(as_alice)


def test_signing_in_anew_begins_a_new_week(as_alice: Client) -> None:
    for _ in range(16):
        assert is_in(as_alice)
        passes(as_alice, 10 * HOUR)
    by_a_test(as_alice)
    assert ends_in(as_alice) == pytest.approx(12 * HOUR, abs=60)


def test_not_every_page_writes(as_alice: Client) -> None:
    passes(as_alice, sessions.RENEW_INTERVAL - 60)
    assert "reelboard_session" not in as_alice.get("/").cookies
    passes(as_alice, 61)
    assert "reelboard_session" in as_alice.get("/").cookies


def test_one_from_before_these_limits_gets_them(as_alice: Client) -> None:
    session = as_alice.session
    del session[sessions.SIGNED_IN_AT], session[sessions.LAST_USED_AT]
    session.set_expiry(7 * DAY)
    session.save()
    assert is_in(as_alice)
    assert ends_in(as_alice) == pytest.approx(12 * HOUR, abs=60)


def test_a_page_is_shown_while_the_database_takes_no_writes(
    as_alice: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise DatabaseError("database or disk is full")

    passes(as_alice, HOUR)
    monkeypatch.setattr(Session, "save", full)
    with caplog.at_level(logging.WARNING, "dashboard.accounts.sessions"):
        assert is_in(as_alice)
    assert "could not be renewed" in caplog.text


def test_signing_in_sweeps_up_those_that_have_ended(as_bob: Client, alice: User) -> None:
    ended = as_bob.session.session_key
    passes(as_bob, 13 * HOUR)
    signed_in(alice)
    assert not Session.objects.filter(pk=ended).exists()
    assert Session.objects.count() == 1


def test_a_visitor_gets_none(visitor: Client) -> None:
    visitor.get("/accounts/login/")
    assert Session.objects.count() == 0
