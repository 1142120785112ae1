"""Secrets are shown once, after a redirect, so that reloading the page neither creates nor shows another one."""

import re

import pytest
from django.test import Client

from dashboard.accounts.models import Invitation
from dashboard.keys.models import ApiKey
from dashboard.sharing.models import ShareLink
from dashboard.tasks.models import Task
from dashboard.web import shown_once

JOIN = re.compile(r"http://testserver/join/[\w-]{20,}")
SHARED = re.compile(r"http://testserver/s/[\w-]{32}")


def test_an_invitation_is_made_and_shown_once(as_ada: Client) -> None:
    answer = as_ada.post("/people/invite", {"note": "Robin"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/people/#invite")
    assert as_ada.head("/people/").status_code == 200  # a HEAD request shows nothing
    assert len({*JOIN.findall(as_ada.get("/people/").content.decode())}) == 1
    assert not JOIN.findall(as_ada.get("/people/").content.decode())
    assert Invitation.objects.count() == 1


def test_a_link_is_made_and_shown_once(as_alice: Client, alices_task: Task) -> None:
    answer = as_alice.post(f"/tasks/{alices_task.pk}/share")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/tasks/{alices_task.pk}/links")
    assert len({*SHARED.findall(as_alice.get(answer.headers["Location"]).content.decode())}) == 1
    assert not SHARED.findall(as_alice.get(answer.headers["Location"]).content.decode())
    assert ShareLink.objects.count() == 1


def test_links_of_several_tasks_are_made_and_shown_once(as_alice: Client, alices_task: Task) -> None:
    answer = as_alice.post("/tasks/bulk/share", {"ids": [str(alices_task.pk)]})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/links/new")
    assert len({*SHARED.findall(as_alice.get("/links/new").content.decode())}) == 1
    assert as_alice.get("/links/new").headers["Location"] == "/"
    assert ShareLink.objects.count() == 1


def test_links_show_only_while_their_tasks_may_be_seen(as_alice: Client, alices_task: Task) -> None:
    as_alice.post("/tasks/bulk/share", {"ids": [str(alices_task.pk)]})
    Task.objects.all().delete()
    assert not SHARED.findall(as_alice.get("/links/new").content.decode())


def test_no_session_holds_a_link_that_works(as_ada: Client) -> None:
    as_ada.post("/people/invite", {"note": "Robin"})
    kept = str(as_ada.session.items())
    assert "shown_once.invitation" in kept
    assert "/join/" not in kept
    assert JOIN.search(as_ada.get("/people/").content.decode())


def test_what_nobody_has_looked_at_is_forgotten(as_ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    as_ada.post("/people/invite", {"note": "Robin"})
    monkeypatch.setattr(shown_once, "_KEPT_FOR", -1)
    assert not JOIN.findall(as_ada.get("/people/").content.decode())


def test_an_error_stands_on_the_page_of_the_form(as_ada: Client, alices_key: ApiKey) -> None:
    taken = {"label": alices_key.label, "secret": "sk-another-0000000000000001", "owner": alices_key.owner_id}
    answer = as_ada.post("/people/keys/add", taken)
    assert answer.status_code == 422
    assert "members-title" in answer.content.decode()
    assert "already exists" in answer.content.decode()
    assert f'value="{alices_key.label}"' in answer.content.decode()
    assert 'action="/people/keys/add"' in answer.content.decode()


@pytest.mark.parametrize("path", ["/people/", "/keys/"])
def test_each_id_is_there_once(as_ada: Client, as_alice: Client, alices_key: ApiKey, path: str) -> None:
    """Also with the form for replacing a key, which is loaded into the page."""
    client = as_ada if path == "/people/" else as_alice
    page = client.get(path).content.decode()
    form = client.post(f"/keys/{alices_key.pk}/replace", headers={"HX-Request": "true"}).content.decode()
    row = re.search(r'id="(key-[\w-]+)"', form)
    assert row
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len({*ids})
    beside = {one for one in ids if str(alices_key.pk) not in one}  # those outside the replaced part
    new = re.findall(r'\bid="([^"]+)"', form)
    assert len(new) == len({*new})
    assert not beside & {*new}
    assert re.findall(r'<label for="([^"]+)">', form) == [f"replace-{alices_key.pk}-secret"]
