"""A video that plays through a link stops when the link's creator may no longer share the task."""

import httpx
import pytest

from dashboard.accounts import actions as account_actions
from dashboard.accounts.models import User
from dashboard.content import access_recheck
from dashboard.sharing import actions as sharing
from dashboard.tasks.models import Task
from tests.content.conftest import Browser, Videoed, alice, bob, browser, known_gateway, server, videoed
from tests.support.cast import member

__all__ = ["alice", "bob", "browser", "known_gateway", "server", "videoed"]


@pytest.fixture(autouse=True)
def asked_at_every_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_recheck, "RECHECK_EVERY", 0.0)


def demote(user: User) -> None:
    account_actions.set_admin(user, False)


def close(user: User) -> None:
    account_actions.set_active(user, False)


def give_away(user: User) -> None:
    demote(user)
    Task.objects.update(owner=User.objects.get(username="grace"))


@pytest.mark.parametrize("end", [demote, close, give_away])
def test_it_breaks_off(browser: Browser, bob: User, videoed: Videoed, end: object) -> None:
    ada, _ = member("ada", is_staff=True), member("grace", is_staff=True)
    _, token = sharing.share(videoed("rate=200000"), ada)
    with browser(bob).stream("GET", f"/s/{token}/content") as answer:
        chunks = answer.iter_raw(1000)
        assert next(chunks)
        assert callable(end)
        end(ada)
        with pytest.raises(httpx.RemoteProtocolError):
            list(chunks)
    assert browser(bob).get(f"/s/{token}/content").status_code == 404
