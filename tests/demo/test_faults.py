"""Faults on demand."""

import http.client
import json
import socket
from urllib.parse import urlsplit

import pytest

from tests.demo.client import Heard, ask, content_url, status_url
from tests.gateway import http_faults, json_faults
from tests.support.gateway import ALICE_KEY, BOB_KEY, Gateway

UNENDING = {"silent", "stalled-body", "slow-headers", "drip", "endless-json"}
NO_ANSWER = {"close", "reset-headers", "garbage", "big-header", "many-headers"}


def struck(gateway: Gateway, name: str, **settings: object) -> Heard:
    task_id = gateway.add_task(status="completed")
    gateway.fault(name, task=task_id, settings=settings)
    return ask(status_url(gateway, task_id))


@pytest.mark.parametrize("name", sorted(http_faults.WIRE.keys() - UNENDING - NO_ANSWER))
def test_it_spoils_the_answer(gateway: Gateway, name: str) -> None:
    task_id = gateway.add_task(status="completed")
    honest = ask(status_url(gateway, task_id))
    gateway.fault(name, task=task_id, times=1)
    spoiled = ask(status_url(gateway, task_id))
    assert (spoiled.status, spoiled.body, spoiled.broken) != (honest.status, honest.body, False) or name.startswith(
        "conflicting"
    )
    assert ask(status_url(gateway, task_id)).status == 200


@pytest.mark.parametrize("name", sorted(NO_ANSWER))
def test_it_gives_no_answer_that_http_knows(gateway: Gateway, name: str) -> None:
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        struck(gateway, name)


@pytest.mark.parametrize("name", sorted(UNENDING))
def test_it_does_not_come_to_an_end(gateway: Gateway, name: str) -> None:
    task_id = gateway.add_task(status="completed")
    gateway.fault(name, task=task_id)
    at = urlsplit(gateway.url)
    with socket.create_connection((at.hostname or "", at.port or 0), timeout=0.2) as connection:
        connection.sendall(
            f"GET /v1/videos/{task_id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ALICE_KEY}\r\n\r\n".encode()
        )
        assert connection.recv(1) if name not in ("silent",) else not readable(connection)
    (entry,) = gateway.log(task=task_id)
    assert entry["fault"] == name


def readable(connection: socket.socket) -> bool:
    try:
        return bool(connection.recv(1))
    except TimeoutError:
        return False


@pytest.mark.parametrize("name", sorted(json_faults.JSON_FAULTS.keys() - {"regress"}))
def test_it_changes_what_the_json_says(gateway: Gateway, name: str) -> None:
    task_id = gateway.add_task("sglang", status="completed")
    url = status_url(gateway, task_id, "/v1/videos")
    honest = ask(url).json
    gateway.fault(name, task=task_id)
    twisted = ask(url)
    assert twisted.status == 200
    assert {**twisted.json, "url": 0} != {**honest, "url": 0} or name == "other-url"


def test_it_goes_back_on_a_terminal_status_once_told(gateway: Gateway) -> None:
    task_id = gateway.add_task("new-api-wrapped+fault=regress", status="completed")
    told = [ask(status_url(gateway, task_id)).json["data"] for _ in range(2)]
    assert ["SUCCESS" in str(told[0]), "IN_PROGRESS" in str(told[1])] == [True, True]


@pytest.mark.parametrize("status", [401, 403, 404, 408, 409, 422, 500, 502, 503, 504, 520])
def test_it_answers_any_status(gateway: Gateway, status: int) -> None:
    assert struck(gateway, f"http-{status}").status == status


def test_it_slows_clients_down_in_every_way(gateway: Gateway) -> None:
    bare = struck(gateway, "http-429")
    assert (bare.body, "retry-after" in bare.headers) == (b"", False)
    assert struck(gateway, "http-429", retry_after="30").headers["retry-after"] == "30"
    assert struck(gateway, "http-429", retry_after="date").headers["retry-after"].endswith("GMT")
    assert struck(gateway, "http-429", retry_after="soon").headers["retry-after"] == "soon"


def test_it_hits_one_key_only(gateway: Gateway) -> None:
    alices, bobs = gateway.add_task(owner="alice"), gateway.add_task(owner="bob")
    gateway.fault("http-503", owner="bob")
    assert ask(status_url(gateway, alices)).status == 200
    assert ask(status_url(gateway, bobs), key=BOB_KEY).status == 503


def test_it_hits_a_number_of_times_and_any_call(gateway: Gateway) -> None:
    task_id = gateway.add_task(status="completed")
    gateway.fault("http-503", "any", times=2)
    seen = [ask(url).status for url in (status_url(gateway, task_id), content_url(gateway, task_id))]
    assert [*seen, ask(status_url(gateway, task_id)).status] == [503, 503, 200]


def test_it_can_be_lifted(gateway: Gateway) -> None:
    task_id = gateway.add_task()
    first, _ = gateway.fault("http-500"), gateway.fault("http-503")
    gateway.lift(first)
    assert ask(status_url(gateway, task_id)).status == 503
    gateway.lift()
    assert ask(status_url(gateway, task_id)).status == 200


def test_it_can_be_picked_in_a_models_name(gateway: Gateway) -> None:
    task_id = gateway.add_task("amux+fault=html-200*1")
    assert [ask(status_url(gateway, task_id)).headers["content-type"] for _ in range(2)] == [
        "text/html; charset=utf-8",
        "application/json; charset=utf-8",
    ]


def test_it_refuses_a_fault_that_does_not_exist(gateway: Gateway) -> None:
    with pytest.raises(AssertionError, match="there is no fault 'gremlins'"):
        gateway.fault("gremlins")


def test_it_lists_what_there_is(gateway: Gateway) -> None:
    listed = gateway.control("GET", "options")
    assert "amux" in json.dumps(listed["dialects"])
    assert "html-200" in json.dumps(listed["faults"])
