"""Derived access ends with the permission it comes from: links, their players and pages, and invitations."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from dashboard.accounts import actions as account_actions
from dashboard.accounts.models import Invitation, User
from dashboard.live import event_reader
from dashboard.live.viewers import StreamViewer
from dashboard.sharing import actions as sharing
from dashboard.sharing.models import ShareLink
from dashboard.tasks import actions, visibility
from dashboard.tasks.models import Task, TaskEvent
from tests.support.cast import member

HTMX = {"HX-Request": "true"}
End = Callable[[User, Task], object]


def demote(maker: User, task: Task) -> None:
    member("grace", is_staff=True)  # at least one admin must remain
    account_actions.set_admin(maker, False)


def close(maker: User, task: Task) -> None:
    member("grace", is_staff=True)
    account_actions.set_active(maker, False)


ENDS = pytest.mark.parametrize("end", [demote, close])


def token_of(ada: User, task: Task) -> str:
    return sharing.share(task, ada)[1]


@ENDS
def test_it_opens_nothing_once_its_maker_may_not_share(as_bob: Client, ada: User, alices_task: Task, end: End) -> None:
    token = token_of(ada, alices_task)
    assert as_bob.get(f"/s/{token}").status_code == 200
    end(ada, alices_task)
    answer = as_bob.get(f"/s/{token}")
    assert answer.status_code == 410
    assert b"Sunset" not in answer.content
    assert as_bob.get(f"/s/{token}/state", headers=HTMX).headers["HX-Refresh"] == "true"
    assert b"Sunset" not in as_bob.get(f"/s/{token}/state", headers=HTMX).content


def test_it_ends_with_a_task_that_changes_hands(as_bob: Client, alice: User, ada: User, alices_task: Task) -> None:
    token = sharing.share(alices_task, alice)[1]
    Task.objects.update(owner=ada)
    assert as_bob.get(f"/s/{token}").status_code == 410
    Task.objects.update(owner=alice)
    assert as_bob.get(f"/s/{token}").status_code == 200


@pytest.mark.parametrize("visibility", ["private", "team"])
def test_seeing_a_task_is_not_enough_to_share_it(
    as_bob: Client, ada: User, alices_task: Task, visibility: str, settings: Settings
) -> None:
    settings.VISIBILITY = visibility
    token = token_of(ada, alices_task)
    demote(ada, alices_task)
    assert as_bob.get(f"/s/{token}").status_code == 410


def test_the_list_says_that_it_rests(as_alice: Client, ada: User, alices_task: Task) -> None:
    token_of(ada, alices_task)
    demote(ada, alices_task)
    html = as_alice.get(f"/tasks/{alices_task.pk}/links").content.decode()
    assert 'data-live="false"' in html
    assert "ada can no longer share this task" in html
    assert ">Revoke</button>" in html
    assert ShareLink.objects.live().count() == 0


def test_the_three_forms_of_the_rule_agree(alice: User, bob: User, ada: User, alices_task: Task) -> None:
    for one in (alice, bob, ada, member("gone"), member("gone-admin", is_staff=True)):
        User.objects.filter(pk=one.pk, username__startswith="gone").update(is_active=False)
        one.refresh_from_db()
        link, _ = sharing.share(alices_task, alice)
        ShareLink.objects.filter(pk=link.pk).update(created_by=one)
        link.refresh_from_db()
        may = visibility.can_edit(one, alices_task.owner_id)
        assert may == Task.objects.editable_by(one).filter(pk=alices_task.pk).exists()
        assert (may and one.is_active) == link.is_live == ShareLink.objects.live().filter(pk=link.pk).exists()


def test_an_invitation_that_rests_is_shown_as_such_and_can_be_revoked(as_ada: Client, ada: User) -> None:
    grace = member("grace", is_staff=True)
    invitation, _ = account_actions.invite(grace, "Robin", True)
    account_actions.set_admin(grace, False)
    html = as_ada.get("/people/").content.decode()
    assert "Inactive: grace is no longer an admin" in html
    as_ada.post(f"/people/invitations/{invitation.pk}/revoke")
    account_actions.set_admin(grace, True)
    assert not Invitation.objects.open().exists()


def test_a_stream_that_resumes_shows_nothing_of_a_task_that_changed_hands(
    alice: User, bob: User, alices_task: Task
) -> None:
    since = TaskEvent.objects.last_cursor()
    actions.label([alices_task], "Still hers")
    Task.objects.update(owner=bob, prompt="Bob's secret", label="Bob's secret")
    replayed = event_reader.replay(StreamViewer(alice.pk, False, "", ""), since, since + 1)
    assert replayed is not None
    assert [event.frame.count(b"event: gone") for event in replayed] == [1]
    assert b"secret" not in b"".join(event.frame for event in replayed)
