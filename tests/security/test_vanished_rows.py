"""If a row is deleted between a request's read and its write, the response is a 404, as if it had never existed."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from pytest_django.fixtures import Settings

from dashboard.accounts import actions as account_actions
from dashboard.accounts.models import Invitation, User
from dashboard.keys import actions as key_actions
from dashboard.keys.models import ApiKey
from dashboard.sharing import actions as sharing
from dashboard.sharing.models import ShareLink
from dashboard.tasks import actions
from dashboard.tasks.models import Task, TaskEvent
from tests.support.cast import make_task, member
from tests.support.gateway import Gateway
from tests.support.interleave import before_write

# With commits of their own: foreign keys are checked at the end of a transaction.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def configured(settings: Settings, gateway: Gateway) -> Gateway:
    settings.AMUX_BASE_URL = gateway.url
    return gateway


def delete_tasks() -> object:
    return Task.objects.all().delete()


def label_tasks() -> object:
    return actions.label(Task.objects.all(), "New")


def stop_tracking() -> object:
    return actions.delete(Task.objects.all())


@pytest.mark.parametrize(
    ("act", "fields"), [("share", {}), ("label", {"label": "New"}), ("refresh", {}), ("adopt", {"upstream_id": "x-1"})]
)
@pytest.mark.parametrize("htmx", [{}, {"HX-Request": "true"}])
def test_an_act_on_a_deleted_task_finds_nothing(
    as_alice: Client, alices_task: Task, act: str, fields: dict[str, str], htmx: dict[str, str]
) -> None:
    if act == "adopt":
        Task.objects.update(upstream_id="", condition="unclear", next_poll_at=None)
    with before_write(delete_tasks):
        assert as_alice.post(f"/tasks/{alices_task.pk}/{act}", fields, headers=htmx).status_code == 404
    assert not ShareLink.objects.exists()


def test_removing_what_is_deleted_is_done(as_alice: Client, alices_task: Task) -> None:
    with before_write(delete_tasks):
        assert as_alice.post(f"/tasks/{alices_task.pk}/delete").status_code == 302


def test_a_link_of_a_deleted_task_is_gone(as_alice: Client, alice: User, alices_task: Task) -> None:
    link, token = sharing.share(alices_task, alice)
    with before_write(delete_tasks):
        assert as_alice.post(f"/links/{link.pk}/revoke").status_code == 404
    assert as_alice.get(f"/s/{token}").status_code == 404


@pytest.mark.parametrize(("path", "fields"), [("share", {}), ("tag", {"new_tag": "New"}), ("delete", {})])
def test_a_bulk_act_passes_over_what_is_deleted(
    as_alice: Client, alice: User, alices_key: ApiKey, alices_task: Task, path: str, fields: dict[str, str]
) -> None:
    other = make_task(alice, alices_key)
    given = {"ids": [str(alices_task.pk), str(other.pk)], "confirmed": "on", **fields}
    with before_write(Task.objects.filter(pk=alices_task.pk).delete):
        answer = as_alice.post(f"/tasks/bulk/{path}", given)
    assert answer.status_code == 302
    assert Task.objects.not_removed().filter(pk=other.pk).exists() == (path != "delete")
    if path == "share":
        assert [row.id for row, _ in as_alice.get("/links/new").context["made"]] == [other.pk]


@pytest.mark.parametrize(
    ("act", "fields"), [("role", {"role": "admin", "confirmed": "on"}), ("active", {"active": "off"})]
)
def test_an_act_on_a_deleted_member_finds_nothing(as_ada: Client, bob: User, act: str, fields: dict[str, str]) -> None:
    with before_write(User.objects.filter(pk=bob.pk).delete):
        assert as_ada.post(f"/people/{bob.pk}/{act}", {"confirmed": "on", **fields}).status_code == 404


@pytest.mark.parametrize("act", ["test", "replace", "revoke"])
@pytest.mark.parametrize("htmx", [{}, {"HX-Request": "true"}])
def test_an_act_on_a_deleted_key_finds_nothing(
    as_ada: Client,
    alice: User,
    alices_key: ApiKey,
    settings: Settings,
    gateway: Gateway,
    act: str,
    htmx: dict[str, str],
) -> None:
    settings.AMUX_BASE_URL = gateway.url
    given = {"confirmed": "on", "secret": "sk-another-one-0000000000"}
    with before_write(alice.delete):
        assert as_ada.post(f"/keys/{alices_key.pk}/{act}", given, headers=htmx).status_code == 404


def test_a_key_that_is_revoked_meanwhile_takes_no_other_secret(as_alice: Client, alices_key: ApiKey) -> None:
    given = {"secret": "sk-another-one-0000000000"}
    with before_write(lambda: key_actions.revoke(alices_key)):
        assert as_alice.post(f"/keys/{alices_key.pk}/replace", given).status_code == 404
    assert bytes(ApiKey.objects.get().sealed) == b""


def test_an_invitation_that_was_used_meanwhile_is_not_said_to_be_revoked(as_ada: Client, ada: User) -> None:
    invitation, _ = account_actions.invite(ada, "", False)
    with before_write(Invitation.objects.all().delete):
        answer = as_ada.post(f"/people/invitations/{invitation.pk}/revoke", follow=True)
    assert "Invitation revoked." not in answer.content.decode()


def test_it_tracks_an_id_whose_other_row_was_deleted_meanwhile(as_alice: Client, alices_key: ApiKey) -> None:
    failures = [IntegrityError("of a row that is gone by the time somebody looks")]

    def refuse_once(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if failures and sql.startswith('INSERT INTO "task" '):
            raise failures.pop()
        return execute(sql, *args)

    with connection.execute_wrapper(refuse_once):
        assert as_alice.post("/tasks/track", {"task_ids": "task-of-mine", "key": ""}).status_code == 200
    assert Task.objects.get().upstream_id == "task-of-mine"


@pytest.mark.parametrize("change", [label_tasks, stop_tracking])
def test_a_submission_that_is_refused_goes_whatever_became_of_its_row(
    as_alice: Client, alices_key: ApiKey, configured: Gateway, change: Callable[[], object]
) -> None:
    configured.fault("http-401", call="create")
    number = as_alice.get("/tasks/create").context["form"]["number"].value()
    form = {"number": number, "model": "amux", "prompt": "x", "key": str(alices_key.pk)}
    has_statement = connection.vendor == "sqlite"  # SQLite's BEGIN is a statement; the first is the intent's
    with before_write(change, re.compile("BEGIN|.* FOR (NO KEY )?UPDATE", re.DOTALL), int(has_statement)):
        assert as_alice.post("/tasks/create", form).status_code == 422
    assert not Task.objects.exists()
    assert TaskEvent.objects.last_cursor() == TaskEvent.objects.filter(kind="deleted").get().pk


def test_a_member_stays_an_admin_while_the_other_one_vanishes(as_ada: Client, ada: User) -> None:
    grace = member("grace", is_staff=True)
    with before_write(grace.delete):
        as_ada.post(f"/people/{ada.pk}/role", {"role": "member"})
    ada.refresh_from_db()
    assert ada.is_admin
