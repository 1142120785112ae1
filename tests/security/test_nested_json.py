"""JSON that is nested too deeply, from members and from the gateway."""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from dashboard.keys.models import ApiKey
from dashboard.tasks import page
from dashboard.tasks.models import RAW_LIMIT, Task
from tests.polling.rounds import poll
from tests.support.gateway import Gateway

DEPTHS = [33, 200, 330, 500, 900, *range(940, 1000, 10), 5_000]


def nested(depth: int) -> str:
    """Returns an object with that many levels."""
    return '{"a":' + "[" * (depth - 1) + "]" * (depth - 1) + "}"


@pytest.mark.parametrize("depth", DEPTHS)
def test_metadata_says_how_deep_it_may_be(as_alice: Client, alices_key: ApiKey, depth: int) -> None:
    given = {"key": str(alices_key.pk), "model": "amux", "prompt": "A fox", "metadata": nested(depth)}
    answer = as_alice.post("/tasks/create", {"number": str(uuid.uuid4()), **given})
    assert answer.status_code == 422
    assert "nested" in answer.context["form"].errors["metadata"][0]
    assert not Task.objects.exists()


def test_metadata_may_be_as_deep_as_it_says(
    as_alice: Client, alices_key: ApiKey, gateway: Gateway, settings: Settings
) -> None:
    settings.AMUX_BASE_URL = gateway.url
    given = {"key": str(alices_key.pk), "model": "amux", "prompt": "A fox", "metadata": nested(32)}
    assert as_alice.post("/tasks/create", {"number": str(uuid.uuid4()), **given}).status_code == 302
    assert Task.objects.get().params["metadata"] == json.loads(nested(32))


@pytest.mark.parametrize("depth", [33, 200, 330, 500, 800])
def test_a_task_from_before_can_be_made_again(as_alice: Client, alices_task: Task, depth: int) -> None:
    Task.objects.update(params={"model": "amux", "prompt": "A fox", "metadata": json.loads(nested(depth))})
    assert as_alice.get(f"/tasks/create?again={alices_task.pk}").status_code == 200


@pytest.mark.parametrize("depth", DEPTHS)
def test_an_answer_leaves_the_task_and_its_page_alone(as_alice: Client, alices_task: Task, depth: int) -> None:
    Task.objects.update(next_poll_at=timezone.now())
    body = f'{{"task_id": "{alices_task.upstream_id}", "status": "completed", "x": {nested(depth)}}}'
    poll(lambda request: httpx.Response(200, text=body), timezone.now() + timedelta(seconds=1))
    assert as_alice.get(f"/tasks/{alices_task.pk}").status_code == 200
    assert as_alice.get("/").status_code == 200


@pytest.mark.parametrize("start", ['{"a":', "[0,"])
def test_a_deep_answer_costs_its_page_next_to_nothing(
    alices_task: Task, start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Indenting stops at the limit; all of it would be 50 MB of spaces."""
    produced, iterencode = list[int](), json.JSONEncoder.iterencode

    def counting(encoder: json.JSONEncoder, document: object) -> Iterator[str]:
        for piece in iterencode(encoder, document):
            produced.append(len(piece))
            yield piece

    monkeypatch.setattr(json.JSONEncoder, "iterencode", counting)
    depth = 600
    leaves = ",".join(["1"] * ((RAW_LIMIT - depth * 10) // 2))
    alices_task.raw = f"{start * depth}[{leaves}]{('}' if start[0] == '{' else ']') * depth}"
    assert page.formatted_raw(alices_task) == alices_task.raw
    assert sum(produced) < page.MOST_INDENTED + 10_000
