"""HEAD of a page responds like GET, and changes nothing that the next GET would show."""

import httpx
import pytest
from django.test import Client

from dashboard.accounts.actions import invite
from dashboard.accounts.models import Invitation, User
from dashboard.sharing import actions
from dashboard.sharing.models import ShareLink
from dashboard.tasks.models import Task
from tests.support.processes import ServerProcess


def test_looking_at_a_link_by_head_is_no_use_of_it(alice: User, as_bob: Client, alices_task: Task) -> None:
    link, token = actions.share(alices_task, alice)
    assert as_bob.head(f"/s/{token}").status_code == 200
    assert ShareLink.objects.get(pk=link.pk).uses == 0
    as_bob.get(f"/s/{token}")
    assert ShareLink.objects.get(pk=link.pk).uses == 1


def test_a_link_that_has_ended_says_so_to_head_too(alice: User, as_bob: Client, alices_task: Task) -> None:
    link, token = actions.share(alices_task, alice)
    actions.revoke(link)
    assert as_bob.head(f"/s/{token}").status_code == 410


def test_messages_wait_for_somebody_who_reads_them(as_alice: Client, alices_task: Task) -> None:
    as_alice.post(f"/tasks/{alices_task.pk}/delete", {"confirmed": "on"})
    as_alice.head("/keys/")
    assert "Task removed" in as_alice.get("/keys/").content.decode()
    assert "Task removed" not in as_alice.get("/keys/").content.decode()


def test_looking_at_an_invitation_uses_nothing_up(visitor: Client, ada: User) -> None:
    invitation, token = invite(ada, "", False)
    before = Invitation.objects.filter(pk=invitation.pk).values().get()
    assert visitor.head(f"/join/{token}").status_code == 200
    assert Invitation.objects.filter(pk=invitation.pk).values().get() == before


@pytest.mark.server
def test_the_server_sends_the_same_fields_and_no_body(process: ServerProcess) -> None:
    process.start()
    with process.browser("alice") as browser:
        head, got = browser.head("/keys/"), browser.get("/keys/")
    same = ("Content-Type", "Cache-Control", "Content-Security-Policy", "Vary")
    assert [head.headers[name] for name in same] == [got.headers[name] for name in same]
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(len(got.content)))
    assert httpx.head(process.url, timeout=60).status_code == 302
