"""GET and HEAD /s/<token>/content: a member with a link sees that one video."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard import tokens
from dashboard.accounts.models import User
from dashboard.sharing.models import ShareLink
from dashboard.tasks.models import Task
from tests.content.conftest import Browser, N, Videoed

TOKEN = "token-of-the-red-fox"


@pytest.fixture
def link(alice: User, video: Task) -> ShareLink:
    return ShareLink.objects.create(
        task=video,
        created_by=alice,
        token_hash=tokens.digest(TOKEN),
        expires_at=timezone.now() + timedelta(days=1),
    )


def test_it_shows_the_video_to_another_member(browser: Browser, bob: User, link: ShareLink) -> None:
    answer = browser(bob).head(f"/s/{TOKEN}/content")
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(N))


def test_it_plays_with_the_owners_key(
    browser: Browser, alice: User, bob: User, link: ShareLink, videoed: Videoed
) -> None:
    ShareLink.objects.update(task=videoed())
    assert len(browser(bob).get(f"/s/{TOKEN}/content").content) == N


def test_it_asks_strangers_to_sign_in(browser: Browser, link: ShareLink) -> None:
    assert browser(None).get(f"/s/{TOKEN}/content").status_code == 302


@pytest.mark.parametrize("end", [{"revoked_at": timezone.now()}, {"expires_at": timezone.now()}])
def test_it_ends_with_the_link(browser: Browser, bob: User, link: ShareLink, end: dict[str, object]) -> None:
    ShareLink.objects.update(**end)
    assert browser(bob).get(f"/s/{TOKEN}/content").status_code == 404


def test_it_knows_no_other_links(browser: Browser, bob: User, link: ShareLink) -> None:
    assert browser(bob).get(f"/s/{TOKEN}x/content").status_code == 404


def test_it_only_shows(browser: Browser, bob: User, link: ShareLink) -> None:
    assert browser(bob).post(f"/s/{TOKEN}/content").status_code == 405


def test_it_is_not_for_other_sites(browser: Browser, bob: User, link: ShareLink) -> None:
    answer = browser(bob).get(f"/s/{TOKEN}/content", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
