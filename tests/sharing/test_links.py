"""Share links to one video."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboard import tokens
from dashboard.accounts import actions as account_actions
from dashboard.accounts.models import User
from dashboard.sharing import actions
from dashboard.sharing.models import ShareLink
from dashboard.tasks.models import Task
from tests.support.cast import make_task

HTMX = {"HX-Request": "true"}


@pytest.fixture
def token(alice: User, alices_task: Task) -> str:
    return actions.share(alices_task, alice)[1]


def test_it_is_shown_once_and_kept_as_a_hash(as_alice: Client, alices_task: Task) -> None:
    answer = as_alice.post(f"/tasks/{alices_task.pk}/share", follow=True)
    token = answer.context["new_link"].rpartition("/")[2]
    assert re.fullmatch(r"http://testserver/s/[\w-]{32}", answer.context["new_link"])
    link = ShareLink.objects.get()
    assert link.token_hash == tokens.digest(token)
    assert token not in as_alice.get(f"/tasks/{alices_task.pk}/links").content.decode()


def test_it_lives_for_seven_days(alice: User, alices_task: Task) -> None:
    link, _ = actions.share(alices_task, alice)
    assert link.expires_at == link.created_at + timedelta(days=7)


@pytest.mark.parametrize(
    ("expires", "life"),
    [
        ("1h", timedelta(hours=1)),
        ("1d", timedelta(days=1)),
        ("7d", timedelta(days=7)),
        ("30d", timedelta(days=30)),
        ("", timedelta(days=7)),
    ],
)
def test_it_lives_as_long_as_was_chosen(as_alice: Client, alices_task: Task, expires: str, life: timedelta) -> None:
    as_alice.post(f"/tasks/{alices_task.pk}/share", {"expires": expires})
    link = ShareLink.objects.get()
    assert link.expires_at == link.created_at + life


def test_one_may_never_expire_and_still_be_revoked(as_alice: Client, as_bob: Client, alices_task: Task) -> None:
    answer = as_alice.post(f"/tasks/{alices_task.pk}/share", {"expires": "never", "name": "Review"}, follow=True)
    path = answer.context["new_link"].removeprefix("http://testserver")
    assert "Never expires" in answer.content.decode()
    assert "Review" in answer.content.decode()
    assert as_bob.get(path).status_code == 200
    assert "Expires" not in as_bob.get(path).content.decode()
    link = ShareLink.objects.get()
    assert link.is_live
    as_alice.post(f"/links/{link.pk}/revoke")
    assert as_bob.get(path).status_code == 410


@pytest.mark.parametrize("fields", [{"expires": "2d"}, {"name": "x" * 61}, {"name": "sk-abcdefghijklmnop0123456789"}])
def test_what_is_wrong_with_a_new_one_is_named(as_alice: Client, alices_task: Task, fields: dict[str, str]) -> None:
    answer = as_alice.post(f"/tasks/{alices_task.pk}/share", fields, headers=HTMX)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert not ShareLink.objects.exists()


def test_any_member_may_open_it(as_bob: Client, token: str) -> None:
    answer = as_bob.get(f"/s/{token}")
    assert answer.status_code == 200
    assert "Sunset" in answer.content.decode()
    assert ShareLink.objects.get().uses == 1


def test_it_opens_that_one_video_and_nothing_else(as_bob: Client, token: str, alices_task: Task) -> None:
    html = as_bob.get(f"/s/{token}").content.decode()
    assert f"/tasks/{alices_task.pk}" not in html
    assert as_bob.get(f"/tasks/{alices_task.pk}").status_code == 404


def test_a_visitor_signs_in_first(visitor: Client, token: str) -> None:
    assert visitor.get(f"/s/{token}").headers["Location"] == f"/accounts/login/?next=/s/{token}"


def test_its_progress_is_a_fragment_until_all_is_shown(as_bob: Client, token: str) -> None:
    """A player that has been started is not replaced."""
    for status in ("in_progress", "completed"):
        Task.objects.update(status=status)
        answer = as_bob.get(f"/s/{token}/state", {"shown": "queued.False"}, headers=HTMX)
        assert answer.status_code == 200
        shown = answer.context["shown"]
    assert as_bob.get(f"/s/{token}/state", {"shown": shown}, headers=HTMX).status_code == 204


@pytest.mark.parametrize("end", ["revoked", "expired", "maker left"])
def test_one_that_has_ended_says_so_and_no_more(as_bob: Client, alice: User, token: str, end: str) -> None:
    if end == "revoked":
        actions.revoke(ShareLink.objects.get())
    elif end == "expired":
        ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        account_actions.set_active(alice, False)
    answer = as_bob.get(f"/s/{token}")
    assert answer.status_code == 410
    assert "Sunset" not in answer.content.decode()
    assert b"Sunset" not in as_bob.get(f"/s/{token}/state").content


@pytest.mark.parametrize("wrong", ["another", "", "é", "A" * 5000])
def test_a_wrong_token_is_not_found(as_bob: Client, token: str, wrong: str) -> None:
    if wrong == "another":
        wrong = "x" if token[-1] != "x" else "y"
    assert as_bob.get(f"/s/{token[:-1]}{wrong}").status_code == 404


def test_the_owner_revokes_it(as_alice: Client, token: str, alices_task: Task) -> None:
    as_alice.post(f"/links/{ShareLink.objects.get().pk}/revoke")
    assert as_alice.get(f"/s/{token}").status_code == 410


def test_a_stranger_neither_shares_nor_lists_nor_revokes(as_bob: Client, token: str, alices_task: Task) -> None:
    assert as_bob.post(f"/tasks/{alices_task.pk}/share").status_code == 404
    assert as_bob.get(f"/tasks/{alices_task.pk}/links").status_code == 404
    assert as_bob.post(f"/links/{ShareLink.objects.get().pk}/revoke").status_code == 404
    assert ShareLink.objects.live().count() == 1


def test_one_of_a_former_member_is_not_shown_as_live(
    as_ada: Client, alice: User, alices_task: Task, token: str
) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    html = as_ada.get(f"/tasks/{alices_task.pk}/links").content.decode()
    assert 'data-live="false"' in html
    assert "alice is no longer a member" in html
    assert ">Revoke</button>" in html


def test_many_are_shared_at_once(as_alice: Client, alice: User, alices_task: Task) -> None:
    assert alices_task.key is not None
    other = make_task(alice, alices_task.key)
    answer = as_alice.post("/tasks/bulk/share", {"ids": [str(alices_task.pk), str(other.pk)]}, follow=True)
    assert len(answer.context["made"]) == 2
    assert ShareLink.objects.count() == 2


def test_it_says_who_has_opened_it(as_alice: Client, as_bob: Client, as_ada: Client, token: str) -> None:
    for client in (as_bob, as_bob, as_ada):
        client.get(f"/s/{token}")
    as_bob.head(f"/s/{token}")
    as_bob.get(f"/s/{token}/state", headers=HTMX)
    link = ShareLink.objects.get()
    assert [(opening.user.username, opening.times) for opening in link.openings.all()] == [("ada", 1), ("bob", 2)]
    page = " ".join(as_alice.get(f"/tasks/{link.task_id}/links").content.decode().split())
    assert "Opened by 2 people" in page
    assert "bob, 2 times, last <relative-time" in page
    assert "ada, <relative-time" in page
