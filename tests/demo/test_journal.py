"""The log and the open connections, which other tests rely on."""

import socket
from urllib.parse import urlsplit

import pytest

from tests.demo.client import ask, content_url, status_url
from tests.support.gateway import ALICE_KEY, Gateway


def test_it_notes_who_asked_for_what_but_not_the_key(gateway: Gateway) -> None:
    task_id = gateway.add_task(video="small", status="completed")
    ask(content_url(gateway, task_id), headers={"Range": "bytes=0-9"})
    (entry,) = gateway.log()
    assert [entry[name] for name in ("call", "owner", "task", "status", "range", "sent", "authorised")] == [
        "content",
        "alice",
        task_id,
        206,
        "bytes=0-9",
        10,
        True,
    ]
    assert ALICE_KEY not in str(entry)


def test_it_filters_by_task_and_number(gateway: Gateway) -> None:
    first, second = gateway.add_task(), gateway.add_task("litellm")
    for task_id in (first, second):
        ask(status_url(gateway, task_id, "/v1/videos"))
    assert [entry["task"] for entry in gateway.log(task=second)] == [second]
    assert [entry["number"] for entry in gateway.log(since=1)] == [2]
    assert gateway.totals() == {"status 200": 2}


def test_it_shows_open_bodies_and_notes_who_leaves(gateway: Gateway) -> None:
    task_id = gateway.add_task("amux+stall=100", video="small", status="completed")
    at = urlsplit(gateway.url)
    with socket.create_connection((at.hostname or "", at.port or 0), timeout=5) as connection:
        request = f"GET /v1/videos/{task_id}/content HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ALICE_KEY}\r\n\r\n"
        connection.sendall(request.encode())
        received = b""
        while b"ftyp" not in received:
            received += connection.recv(4096)
        assert [entry["task"] for entry in gateway.connections()] == [task_id]
    while gateway.connections():
        pass
    (entry,) = gateway.log(call="content")
    assert (entry["aborted"], entry["sent"]) == (True, 100)


def test_it_takes_a_client_that_leaves_quietly(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    task_id = gateway.add_task("amux+rate=200000", video="random", status="completed")
    at = urlsplit(gateway.url)
    request = f"GET /v1/videos/{task_id}/content HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ALICE_KEY}\r\n\r\n"
    for _ in range(5):
        with socket.create_connection((at.hostname or "", at.port or 0), timeout=5) as connection:
            connection.sendall(request.encode())
            connection.recv(4096)
    while gateway.connections():
        pass
    assert [entry["aborted"] for entry in gateway.log(call="content")] == [True] * 5
    assert "Error handling request" not in caplog.text


def test_it_tells_the_truth_about_tasks(gateway: Gateway) -> None:
    task_id = gateway.add_task(queued_for=1, running_for=1)
    gateway.advance(1.5)
    gateway.change_task(task_id, outcome="failed")
    (task,) = gateway.tasks()
    assert (task["id"], task["status"]) == (task_id, "failed")
    assert isinstance(task["steps"], list)
    assert [step["status"] for step in task["steps"]] == ["queued", "in_progress", "failed"]


def test_it_forgets_a_task(gateway: Gateway) -> None:
    task_id = gateway.add_task()
    gateway.forget_task(task_id)
    assert ask(status_url(gateway, task_id)).status == 404
