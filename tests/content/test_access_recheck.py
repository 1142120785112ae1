"""Viewers who lose access to a video while it plays: the response is aborted."""

from collections.abc import Callable
from unittest import mock

import httpx
import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError

from dashboard.accounts import sessions
from dashboard.accounts.models import User
from dashboard.content import access_recheck, seats
from dashboard.demo import video_files
from dashboard.sharing import actions as sharing
from dashboard.tasks.models import Task
from tests.content.conftest import Browser, Videoed
from tests.content.test_disconnects import watching
from tests.support.wait import until

Revoke = Callable[[User, Task], object]


@pytest.fixture(autouse=True)
def at_every_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_recheck, "RECHECK_EVERY", 0.0)


def sign_out(user: User, task: Task) -> None:
    Session.objects.all().delete()


def deactivate(user: User, task: Task) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def new_password(user: User, task: Task) -> None:
    user.set_password("another one")
    user.save()


def give_away(user: User, task: Task) -> None:
    Task.objects.update(owner=User.objects.get(username="bob"))


@pytest.mark.parametrize("withdraw", [sign_out, deactivate, new_password, give_away])
def test_it_breaks_off(browser: Browser, alice: User, bob: User, videoed: Videoed, withdraw: Revoke) -> None:
    video = videoed("rate=200000")
    with watching(browser(alice), video) as chunks:
        withdraw(alice, video)
        with pytest.raises(httpx.RemoteProtocolError):
            list(chunks)
    until(lambda: seats.taken() == 0, 2)


def test_it_breaks_off_when_its_link_is_revoked(browser: Browser, alice: User, bob: User, videoed: Videoed) -> None:
    link, token = sharing.share(videoed("rate=200000"), alice)
    with browser(bob).stream("GET", f"/s/{token}/content") as answer:
        chunks = answer.iter_raw(1000)
        assert next(chunks)
        sharing.revoke(link)
        with pytest.raises(httpx.RemoteProtocolError):
            list(chunks)


def test_it_flows_to_its_end_otherwise(browser: Browser, alice: User, videoed: Videoed) -> None:
    assert browser(alice).get(f"/tasks/{videoed('rate=5000000').pk}/content").content == video_files.random_video()


def test_it_flows_on_while_nobody_can_tell(browser: Browser, alice: User, videoed: Videoed) -> None:
    video = videoed("rate=500000")
    with (
        watching(browser(alice), video) as chunks,
        mock.patch.object(sessions, "user_of", side_effect=OperationalError),
    ):
        assert len(b"".join(chunks)) == len(video_files.random_video()) - 1000


def test_it_is_not_asked_for_each_chunk(
    browser: Browser, alice: User, videoed: Videoed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_recheck, "RECHECK_EVERY", 15.0)
    with mock.patch.object(sessions, "user_of") as asked:
        browser(alice).get(f"/tasks/{videoed('rate=5000000').pk}/content")
    asked.assert_not_called()
