"""Refresh, label and remove, for one task and for many."""

import json

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.keys import actions as key_actions
from dashboard.keys.models import ApiKey
from dashboard.tasks import actions
from dashboard.tasks.models import Task, TaskEvent, TaskTag
from tests.support.cast import make_task


def test_refresh_makes_it_due_now(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(next_poll_at=None, status="completed")
    as_alice.post(f"/tasks/{alices_task.pk}/refresh")
    task = Task.objects.get()
    assert task.next_poll_at is not None
    assert task.next_poll_at <= timezone.now()


def test_refresh_is_taken_once_in_five_seconds(as_alice: Client, alices_task: Task) -> None:
    as_alice.post(f"/tasks/{alices_task.pk}/refresh")
    Task.objects.update(next_poll_at=None)
    answer = as_alice.post(f"/tasks/{alices_task.pk}/refresh", follow=True)
    assert "Checked a moment ago" in answer.content.decode()
    assert Task.objects.get().next_poll_at is None


def test_refresh_without_a_key_says_so(as_alice: Client, alices_task: Task, alices_key: ApiKey) -> None:
    key_actions.revoke(alices_key)
    answer = as_alice.post(f"/tasks/{alices_task.pk}/refresh", follow=True)
    assert "no usable API key" in answer.content.decode()


def test_htmx_is_told_without_a_redirect(as_alice: Client, alices_task: Task) -> None:
    answer = as_alice.post(f"/tasks/{alices_task.pk}/refresh", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert "Checking now." in answer.headers["HX-Trigger"]


def test_label_names_it_and_makes_one_event(as_alice: Client, alices_task: Task) -> None:
    as_alice.post(f"/tasks/{alices_task.pk}/label", {"label": "Final cut"})
    assert Task.objects.get().label == "Final cut"
    assert [event.kind for event in TaskEvent.objects.of_task(alices_task.pk)] == ["created", "label"]


def test_a_label_too_long_is_kept_in_the_form(as_alice: Client, alices_task: Task) -> None:
    answer = as_alice.post(f"/tasks/{alices_task.pk}/label", {"label": "x" * 121})
    assert answer.status_code == 422
    assert answer.context["label_form"]["label"].value() == "x" * 121


def test_deleting_is_told_to_streams(alices_task: Task) -> None:
    actions.delete([alices_task])
    assert not Task.objects.exists()
    last = TaskEvent.objects.of_task(alices_task.pk).last()
    assert last is not None
    assert (last.kind, last.version) == ("deleted", alices_task.version + 1)


def test_removal_from_a_row_is_told_at_once(as_alice: Client, alices_task: Task) -> None:
    answer = as_alice.post(f"/tasks/{alices_task.pk}/delete", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    (told,) = json.loads(answer.headers["HX-Trigger"])["messages"]["messages"]
    assert told["text"] == "Task removed. Generation continues and is billed."
    assert told["undo"].startswith("/removed/restore?removed_at=")


@pytest.mark.parametrize("act", ["refresh", "label", "delete", "adopt"])
def test_a_stranger_finds_nothing_to_act_on(as_bob: Client, alices_task: Task, act: str) -> None:
    answer = as_bob.post(f"/tasks/{alices_task.pk}/{act}", {"confirmed": "on", "label": "mine"})
    assert answer.status_code == 404
    assert Task.objects.get().label == "Sunset"


@pytest.mark.parametrize("act", ["refresh", "label", "delete", "adopt"])
def test_with_team_visibility_others_look_and_do_not_touch(
    as_bob: Client, alices_task: Task, act: str, settings: Settings
) -> None:
    settings.VISIBILITY = "team"
    assert as_bob.get(f"/tasks/{alices_task.pk}").status_code == 200
    assert as_bob.post(f"/tasks/{alices_task.pk}/{act}", {"confirmed": "on"}).status_code == 404


@pytest.mark.parametrize("act", ["refresh", "label", "delete", "adopt"])
def test_a_get_acts_on_nothing(as_alice: Client, alices_task: Task, act: str) -> None:
    assert as_alice.get(f"/tasks/{alices_task.pk}/{act}").status_code == 405


def test_all_that_match_the_filter_are_removed_after_asking(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    for status in ("failed", "failed", "completed"):
        make_task(alice, alices_key, status=status)
    asked = as_alice.post("/tasks/bulk/delete", {"all": "on", "status": "failed"})
    assert (asked.context["total"], Task.objects.count()) == (2, 3)
    as_alice.post("/tasks/bulk/delete", dict(asked.context["fields"]) | {"confirmed": "on"})
    assert list(Task.objects.not_removed().values_list("status", flat=True)) == ["completed"]


def test_tasks_of_others_are_passed_over(as_bob: Client, alices_task: Task) -> None:
    as_bob.post("/tasks/bulk/delete", {"ids": [str(alices_task.pk), "nonsense"], "confirmed": "on"})
    as_bob.post("/tasks/bulk/delete", {"all": "on", "owner": "all", "confirmed": "on"})
    as_bob.post("/tasks/bulk/tag", {"ids": [str(alices_task.pk)], "new_tag": "Bob's"})
    assert not TaskTag.objects.exists()
    assert not Task.objects.removed().exists()
