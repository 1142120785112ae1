"""POST of a new task."""

import http.client

import pytest

from dashboard.demo.options import DIALECTS
from dashboard.upstream.created_tasks import created_ids
from tests.demo.client import ask, status_url
from tests.support.gateway import Gateway

ORDER = {"model": "amux", "prompt": "a cat"}


@pytest.mark.parametrize("path", ["/v1/video/generations", "/v1/videos"])
def test_it_starts_a_task(gateway: Gateway, path: str) -> None:
    made = ask(gateway.url + path, "POST", body=ORDER)
    assert made.json == {"task_id": made.json["task_id"], "status": "queued"}
    assert ask(status_url(gateway, str(made.json["task_id"]))).status == 200


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_answers_an_id_in_every_dialect(gateway: Gateway, dialect: str) -> None:
    made = ask(f"{gateway.url}/v1/videos", "POST", body={**ORDER, "model": dialect}).json
    task_id = created_ids(made)[0]
    assert ask(status_url(gateway, task_id, "/v1/videos")).status == 200


def test_it_tells_back_what_was_asked_for(gateway: Gateway) -> None:
    wishes = {"duration": 7.5, "width": 640, "height": 480, "seed": 42, "fps": 30}
    order = {**ORDER, **wishes, "n": 2, "metadata": {"aspect_ratio": "4:3"}, "model": "amux+instant"}
    made = ask(f"{gateway.url}/v1/video/generations", "POST", body=order).json
    told = ask(status_url(gateway, str(made["task_id"]))).json
    assert told["metadata"] == {**wishes, "n": 2, "aspect_ratio": "4:3"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": ""}, "The field 'model' is required."),
        ({"prompt": None}, "The field 'prompt' is required."),
        ({"model": "dall-e"}, "Model 'dall-e' does not exist."),
        ({"model": "amux+fault=gremlins"}, "There is no fault 'gremlins'."),
        ({"duration": "long"}, "The field 'duration' must be a number"),
        ({"n": 1.5}, "The field 'n' must be a number"),
        ({"metadata": []}, "The field 'metadata' must be an object."),
    ],
)
def test_it_refuses_what_it_cannot_make(gateway: Gateway, change: dict[str, object], said: str) -> None:
    answer = ask(f"{gateway.url}/v1/videos", "POST", body=ORDER | change)
    assert answer.status == 400
    assert said in str(answer.json["error"])
    assert gateway.tasks() == []


def test_it_needs_a_key(gateway: Gateway) -> None:
    assert ask(f"{gateway.url}/v1/videos", "POST", key="sk-nobody", body=ORDER).status == 401


def test_it_may_start_the_job_and_never_say_so(gateway: Gateway) -> None:
    gateway.fault("close", "create", times=1)
    with pytest.raises(http.client.RemoteDisconnected):
        ask(f"{gateway.url}/v1/videos", "POST", body=ORDER)
    assert len(gateway.tasks()) == 1


@pytest.mark.parametrize(("fault", "started"), [("http-500", 1), ("http-429", 0)])
def test_it_may_start_the_job_behind_an_error(gateway: Gateway, fault: str, started: int) -> None:
    gateway.fault(fault, "create")
    assert ask(f"{gateway.url}/v1/videos", "POST", body=ORDER).status == int(fault[-3:])
    assert len(gateway.tasks()) == started


def test_it_takes_a_creation_fault_from_the_models_name(gateway: Gateway) -> None:
    order = {**ORDER, "model": "amux+fault=create-http-502"}
    assert ask(f"{gateway.url}/v1/videos", "POST", body=order).status == 502
    assert len(gateway.tasks()) == 1
