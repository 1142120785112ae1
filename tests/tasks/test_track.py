"""Tracking tasks by their IDs."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.keys import actions as key_actions
from dashboard.keys.models import ApiKey
from dashboard.tasks import states
from dashboard.tasks.models import Task, TaskEvent
from dashboard.upstream.secret import Secret
from tests.support.gateway import Gateway


@pytest.fixture(autouse=True)
def configured(settings: Settings, gateway: Gateway) -> None:
    settings.AMUX_BASE_URL = gateway.url


def test_it_tracks_every_id_with_the_only_key(
    as_alice: Client, alice: User, alices_key: ApiKey, gateway: Gateway
) -> None:
    ids = [gateway.add_task() for _ in range(3)]
    as_alice.post("/tasks/track", {"task_ids": f"{ids[0]}, {ids[1]}\n{ids[2]}"})
    assert set(Task.objects.values_list("upstream_id", "key", "owner")) == {
        (name, alices_key.pk, alice.pk) for name in ids
    }


@pytest.mark.parametrize("status", ["queued", "in_progress", "completed", "failed"])
def test_its_row_shows_what_the_gateway_says(
    as_alice: Client, alices_key: ApiKey, gateway: Gateway, status: str
) -> None:
    as_alice.post("/tasks/track", {"task_ids": gateway.add_task(status=status)})
    task = Task.objects.get()
    assert (task.status, task.condition, task.polls) == (status, "", 1)
    assert (task.next_poll_at is None) is task.is_terminal
    assert task.polled_at is not None
    assert next(event.kind for event in TaskEvent.objects.of_task(task.pk)) == "created"
    assert task.videos.count() == (status == "completed")


DOWN = ("http-500", "http-503", "http-429", "no-status")


@pytest.mark.parametrize("fault", DOWN)
def test_a_row_that_nobody_has_spoken_of_says_so(
    as_alice: Client, alices_key: ApiKey, gateway: Gateway, fault: str
) -> None:
    upstream_id = gateway.add_task()
    gateway.fault(fault)
    answer = as_alice.post("/tasks/track", {"task_ids": upstream_id})
    task = Task.objects.get()
    assert (task.status, task.condition, task.next_poll_at) == ("queued", states.CHECKING, task.created_at)
    page = as_alice.get("/").content.decode()
    assert "Checking…" in page
    row = page.partition(f'id="task-{task.pk}"')[2].partition("</li>")[0]
    assert "Queued" not in row
    assert 'data-status="queued"' in page
    assert "Checking its status" in answer.content.decode()


def test_an_id_that_the_gateway_does_not_know_is_tracked_only_if_wanted(
    as_alice: Client, alices_key: ApiKey, gateway: Gateway
) -> None:
    answer = as_alice.post("/tasks/track", {"task_ids": "nowhere-1"})
    assert [line.kind for line in answer.context["results"]] == ["not_found"]
    assert "track it anyway" in answer.content.decode()
    assert not Task.objects.exists()
    as_alice.post("/tasks/track", {"task_ids": "nowhere-1", "key": str(alices_key.pk), "anyway": "on"})
    assert Task.objects.get().condition == states.CHECKING


def test_a_gateway_that_is_down_is_waited_for_once(
    as_alice: Client, alice: User, alices_key: ApiKey, settings: Settings
) -> None:
    settings.AMUX_BASE_URL = "http://127.0.0.1:1"
    as_alice.post("/tasks/track", {"task_ids": " ".join(f"id-{number}" for number in range(50))})
    assert Task.objects.filter(condition=states.CHECKING).count() == 50


def test_it_names_a_malformed_id_and_tracks_the_rest(as_alice: Client, alices_key: ApiKey, gateway: Gateway) -> None:
    good, fine = gateway.add_task(), gateway.add_task()
    answer = as_alice.post("/tasks/track", {"task_ids": f"{good} .. {fine}"})
    lines = {line.text: line.kind for line in answer.context["results"]}
    assert lines == {good: "added", "..": "malformed", fine: "added"}
    assert answer.context["track_form"].initial["task_ids"] == ".."


def test_it_leads_to_the_row_of_an_id_tracked_already(as_alice: Client, alices_task: Task) -> None:
    answer = as_alice.post("/tasks/track", {"task_ids": alices_task.upstream_id})
    line = answer.context["results"][0]
    assert (line.kind, line.href) == ("known", f"/tasks/{alices_task.pk}")
    assert Task.objects.count() == 1


def test_it_finds_the_key_that_the_gateway_shows_the_task_to(
    as_alice: Client, alice: User, alices_key: ApiKey, gateway: Gateway
) -> None:
    gateway.add_key("sk-second-000000009999", "alice2")
    second = key_actions.add(alice, "Second", Secret("sk-second-000000009999"))
    task_id = gateway.add_task("amux", owner="alice2")
    as_alice.post("/tasks/track", {"task_ids": task_id, "key": ""})
    assert Task.objects.get().key_id == second.pk


def test_it_keeps_an_id_that_no_key_finds(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    key_actions.add(alice, "Second", Secret("sk-second-000000009999"))
    answer = as_alice.post("/tasks/track", {"task_ids": "nowhere"})
    assert answer.context["results"][0].kind == "not_found"
    assert answer.context["track_form"].initial["task_ids"] == "nowhere"
    assert not Task.objects.exists()


def test_it_says_that_the_gateway_is_down_and_keeps_the_id(
    as_alice: Client, alice: User, alices_key: ApiKey, settings: Settings
) -> None:
    key_actions.add(alice, "Second", Secret("sk-second-000000009999"))
    settings.AMUX_BASE_URL = "http://127.0.0.1:1"
    answer = as_alice.post("/tasks/track", {"task_ids": "some-id"})
    assert answer.context["results"][0].kind == "failed"
    assert answer.context["track_form"].initial["task_ids"] == "some-id"


def test_it_goes_on_with_a_picked_key_where_the_old_one_was_revoked(
    as_alice: Client, alice: User, alices_task: Task, alices_key: ApiKey
) -> None:
    key_actions.revoke(alices_key)
    Task.objects.update(condition=states.NO_KEY, next_poll_at=None)
    fresh = key_actions.add(alice, "Fresh", Secret("sk-fresh-000000009999"))
    as_alice.post("/tasks/track", {"task_ids": alices_task.upstream_id, "key": str(fresh.pk)})
    alices_task.refresh_from_db()
    assert (alices_task.key_id, alices_task.condition) == (fresh.pk, "")
    assert alices_task.next_poll_at is not None


def test_it_refuses_somebody_elses_key(as_alice: Client, alices_key: ApiKey, bobs_key: ApiKey) -> None:
    answer = as_alice.post("/tasks/track", {"task_ids": "one", "key": str(bobs_key.pk)})
    assert answer.status_code == 422
    assert not Task.objects.exists()


def test_it_asks_for_a_key_first(as_alice: Client) -> None:
    answer = as_alice.post("/tasks/track", {"task_ids": "one"})
    assert answer.status_code == 422
    assert "Add an API key first" in answer.content.decode()


def test_it_keeps_what_was_typed_when_it_is_too_much(as_alice: Client, alices_key: ApiKey) -> None:
    text = " ".join(f"id{number}" for number in range(201))
    answer = as_alice.post("/tasks/track", {"task_ids": text})
    assert answer.status_code == 422
    assert "201 IDs. You can track up to 200 at a time" in answer.content.decode()
    assert answer.context["track_form"]["task_ids"].value() == text


def test_two_members_track_the_same_id_apart(
    as_alice: Client, as_bob: Client, alices_key: ApiKey, bobs_key: ApiKey
) -> None:
    for client, key in ((as_alice, alices_key), (as_bob, bobs_key)):
        client.post("/tasks/track", {"task_ids": "same", "key": str(key.pk), "anyway": "on"})
    assert Task.objects.filter(upstream_id="same").count() == 2


def test_it_answers_htmx_with_the_form_alone(as_alice: Client, alices_key: ApiKey) -> None:
    answer = as_alice.post("/tasks/track", {"task_ids": "one"}, headers={"HX-Request": "true"})
    assert b"<html" not in answer.content
    assert b'id="track"' in answer.content


def test_a_get_leads_to_the_board(as_alice: Client) -> None:
    assert as_alice.get("/tasks/track").headers["Location"] == "/"


def test_a_visitor_signs_in_first(visitor: Client) -> None:
    assert visitor.post("/tasks/track", {"task_ids": "one"}).headers["Location"].startswith("/accounts/login/")


def test_a_pasted_prompt_is_offered_for_a_new_video(as_alice: Client, alices_key: ApiKey) -> None:
    prompt = "A red fox runs through the snow at dawn, " * 5 + "then rests."
    answer = as_alice.post("/tasks/track", {"task_ids": prompt})
    page = answer.content.decode()
    assert [line.kind for line in answer.context["results"]] == ["prompt"]
    assert "Use it for a new video" in page
    assert answer.context["track_form"].initial["task_ids"] == prompt
    form = as_alice.post("/tasks/create", {"prompt": prompt, "draft": "on"})
    assert form.context["form"]["prompt"].value() == prompt
    assert not Task.objects.exists()
