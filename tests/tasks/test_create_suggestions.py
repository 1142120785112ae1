"""What the form for a new video says of a model, and the models that it offers."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.tasks import create_suggestions, gateway_models
from dashboard.tasks.models import Task
from tests.support.cast import make_task
from tests.support.gateway import Gateway


@pytest.fixture(autouse=True)
def configured(settings: Settings, gateway: Gateway) -> None:
    settings.AMUX_BASE_URL = gateway.url
    gateway_models._listed.clear()


def finished(owner: User, key: ApiKey, seconds: float, **fields: object) -> Task:
    begun = timezone.now() - timedelta(days=1)
    fields |= {"created_at": begun, "finished_at": begun + timedelta(seconds=seconds)}
    task = make_task(owner, key, status="completed", model="reel-2", **fields)  # type: ignore[arg-type]  # fields of any type
    Task.objects.filter(pk=task.pk).update(origin=Task.Origin.CREATED)
    return task


def test_the_usual_comes_from_completed_tasks(alice: User, alices_key: ApiKey) -> None:
    for seconds in (60, 90, 300):
        finished(alice, alices_key, seconds, width=1280, height=720, duration=8.04)
    finished(alice, alices_key, 90, params={"width": 720, "height": 1280, "duration": 5}, width=704, height=1280)
    make_task(alice, alices_key, status="failed", model="reel-2", width=4096, height=4096, duration=60)
    history = create_suggestions.model_history(alice, "reel-2")
    assert [preset.text for preset in history.sizes] == ["1280 × 720", "720 × 1280"]
    assert history.sizes[0].fields == {"width": 1280, "height": 720}
    assert [preset.text for preset in history.durations] == ["5 s", "8 s"]
    assert (history.seconds, history.longest) == (90, 8.0)


def test_of_two_videos_no_time_is_usual(alice: User, alices_key: ApiKey) -> None:
    finished(alice, alices_key, 60)
    finished(alice, alices_key, 80)
    assert create_suggestions.model_history(alice, "reel-2").seconds is None


def test_nothing_comes_from_tasks_of_others(as_bob: Client, alice: User, alices_key: ApiKey) -> None:
    finished(alice, alices_key, 60, width=1280, height=720)
    page = as_bob.get("/tasks/create/presets", {"model": "reel-2"}).content.decode()
    assert "1280" not in page
    assert "reel-2" not in as_bob.get("/tasks/create/models").content.decode()


@pytest.mark.parametrize("model", ["", "unknown", "\x00", "<b>", "x" * 5_000])
def test_an_unknown_model_has_no_presets(as_alice: Client, model: str) -> None:
    answer = as_alice.get("/tasks/create/presets", {"model": model})
    assert (answer.status_code, answer.content.strip()) == (200, b"")


def test_it_offers_the_teams_models_and_those_of_the_key(
    as_alice: Client, alice: User, alices_key: ApiKey, gateway: Gateway
) -> None:
    finished(alice, alices_key, 60)
    page = as_alice.get("/tasks/create/models", {"key": str(alices_key.pk)}).content.decode()
    assert page.index('value="reel-2"') < page.index('value="amux"')
    asked = [entry for entry in gateway.log() if entry["call"] == "models"]
    as_alice.get("/tasks/create/models", {"key": str(alices_key.pk)})
    assert [entry for entry in gateway.log() if entry["call"] == "models"] == asked


@pytest.mark.parametrize("key", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_without_a_key_nobody_is_asked(as_alice: Client, gateway: Gateway, key: str) -> None:
    assert as_alice.get("/tasks/create/models", {"key": key}).status_code == 200
    assert not [entry for entry in gateway.log() if entry["call"] == "models"]


def test_a_key_of_somebody_else_is_not_used(as_bob: Client, alices_key: ApiKey, gateway: Gateway) -> None:
    assert 'value="amux"' not in as_bob.get("/tasks/create/models", {"key": str(alices_key.pk)}).content.decode()
    assert not [entry for entry in gateway.log() if entry["call"] == "models"]


def test_a_gateway_that_is_down_is_no_error(as_alice: Client, alices_key: ApiKey, settings: Settings) -> None:
    settings.AMUX_BASE_URL = "http://127.0.0.1:9"
    assert as_alice.get("/tasks/create/models", {"key": str(alices_key.pk)}).status_code == 200


def test_recent_prompts_are_ones_own_each_once(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    for prompt in ("A sea", "A hill", "A sea"):
        task = make_task(alice, alices_key, prompt=prompt)
        Task.objects.filter(pk=task.pk).update(origin=Task.Origin.CREATED)
    make_task(alice, alices_key, prompt="Only tracked")
    assert [task.prompt for task in create_suggestions.recent_prompts(alice)] == ["A sea", "A hill"]
    page = as_alice.get("/tasks/create").content.decode()
    assert page.count(f"?again={task.pk}") == 1
    assert "Only tracked" not in page
