"""GET of a task."""

import pytest

from dashboard.demo.options import DIALECTS
from tests.demo.client import ask, status_url
from tests.support.gateway import ALICE_KEY, BOB_KEY, Gateway


def test_it_answers_on_both_paths(gateway: Gateway) -> None:
    task_id = gateway.add_task(status="in_progress")
    for path in ("/v1/video/generations", "/v1/videos"):
        assert ask(status_url(gateway, task_id, path)).json == {"task_id": task_id, "status": "in_progress"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_finds_its_own_ids_in_every_dialect(gateway: Gateway, dialect: str) -> None:
    task_id = gateway.add_task(dialect, status="completed")
    answer = ask(status_url(gateway, task_id, "/v1/videos"))
    assert answer.status == 200
    assert task_id in str(answer.json)


def test_it_refuses_a_missing_and_a_wrong_key(gateway: Gateway) -> None:
    task_id = gateway.add_task()
    missing, wrong = ask(status_url(gateway, task_id), key=None), ask(status_url(gateway, task_id), key="sk-nobody")
    assert (missing.status, wrong.status) == (401, 401)
    assert '"type": "invalid_request_error", "code": "invalid_api_key"' in wrong.body.decode()


def test_it_refuses_a_key_that_was_removed(gateway: Gateway) -> None:
    task_id = gateway.add_task()
    gateway.remove_key(ALICE_KEY)
    assert ask(status_url(gateway, task_id)).status == 401
    gateway.add_key("sk-new")
    assert ask(status_url(gateway, task_id), key="sk-new").status == 200


def test_it_refuses_somebody_elses_task(gateway: Gateway) -> None:
    assert ask(status_url(gateway, gateway.add_task(owner="alice")), key=BOB_KEY).status == 403


@pytest.mark.parametrize(
    ("task_id", "status", "said"),
    [
        ("abcd1234efgh", 404, '"code": "task_not_found"'),
        ("task_zzz", 400, '"code": "task_not_exist"'),
        ("video_" + "0" * 32, 404, '"code": "task_not_found"'),
        ("video_bGl0+/=", 404, '"detail"'),
        ("12345678-1234-4234-8234-123456789012", 404, '"detail"'),
    ],
)
def test_it_does_not_know_an_id_in_that_ids_dialect(gateway: Gateway, task_id: str, status: int, said: str) -> None:
    answer = ask(status_url(gateway, task_id))
    assert answer.status == status
    assert said in answer.body.decode()


@pytest.mark.parametrize("dialect", ["openai-sora", "litellm", "sglang"])
def test_it_has_no_older_path_in_newer_dialects(gateway: Gateway, dialect: str) -> None:
    assert ask(status_url(gateway, gateway.add_task(dialect))).status == 404


def test_it_shows_the_web_app_at_a_wrong_base_url(gateway: Gateway) -> None:
    answer = ask(f"{gateway.url}/api/v2/video/generations/abc")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_it_lives_by_its_clock(gateway: Gateway) -> None:
    task_id = gateway.add_task(queued_for=10, running_for=20, outcome="failed", error={"code": 7, "message": "no"})
    seen = []
    for _ in range(3):
        seen.append(ask(status_url(gateway, task_id)).json["status"])
        gateway.advance(15)
    assert seen == ["queued", "in_progress", "failed"]
    assert ask(status_url(gateway, task_id)).json["error"] == {"code": 7, "message": "no"}
