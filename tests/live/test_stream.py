"""The stream as a browser sees it, from a real server."""

import json
import time

from django.contrib.auth import logout
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from dashboard.accounts.models import User
from dashboard.live.hub import hub
from dashboard.tasks.models import Task, TaskEvent
from tests.live.conftest import Listen, cookie_of, delete, new_task, relabel
from tests.support.event_source import Stream
from tests.support.tasks import store_task
from tests.support.wait import until


def test_it_opens_with_the_right_headers(listen: Listen, alice: User) -> None:
    stream = listen(alice, caught_up=False)
    headers = stream.response.headers
    assert stream.status == 200
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-store"
    assert headers["x-accel-buffering"] == "no"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "server" not in headers


def test_it_answers_at_once(listen: Listen, alice: User) -> None:
    began = time.monotonic()
    stream = listen(alice)
    assert time.monotonic() - began < 1
    assert stream.parser.retry == 3_000


def test_it_shows_a_change_soon(listen: Listen, alice: User) -> None:
    task = new_task(alice)
    stream = listen(alice)
    began = time.monotonic()
    cursor = relabel(task, "Sea at dawn")
    event = stream.wait_for("task")
    assert time.monotonic() - began < 1
    assert "Sea at dawn" in event.data
    assert f'id="task-{task.pk}"' in event.data
    assert event.last_event_id == str(cursor)


def test_it_sends_the_row_that_the_page_has(listen: Listen, alice: User) -> None:
    task = new_task(alice)
    stream = listen(alice)
    relabel(task, "New name")
    assert stream.wait_for("task").data.startswith("<li")


def test_it_tells_of_a_deletion(listen: Listen, alice: User) -> None:
    task = new_task(alice)
    stream = listen(alice)
    gone = str(task.pk)
    delete(task)
    assert stream.wait_for("gone").data == gone


def test_it_counts_for_a_member(listen: Listen, alice: User, bob: User) -> None:
    new_task(bob)
    stream = listen(alice)
    new_task(alice)
    counted = json.loads(stream.wait_for("counts").data)
    assert counted == {"me": {"queued": 1, "in_progress": 0, "completed": 0, "failed": 0}, "all": None}


def test_it_counts_everybodys_for_an_admin(listen: Listen, alice: User, admin: User) -> None:
    stream = listen(admin)
    new_task(alice)
    counted = json.loads(stream.wait_for("counts").data)
    assert (counted["me"]["queued"], counted["all"]["queued"]) == (0, 1)


def test_it_survives_a_lost_notification(listen: Listen, alice: User) -> None:
    stream = listen(alice)
    store_task(owner=alice)
    task = Task.objects.get()
    TaskEvent.objects.create(task_id=task.pk, owner_id=alice.pk, version=1, kind="created", status="queued")
    assert stream.wait_for("task", patience=7)


def test_it_gives_every_stream_of_a_member_the_same(listen: Listen, alice: User) -> None:
    task = new_task(alice)
    streams = [listen(alice), listen(alice)]
    relabel(task, "Both")
    assert streams[0].wait_for("task") == streams[1].wait_for("task")


def test_it_lets_go_of_a_browser_that_left(listen: Listen, alice: User) -> None:
    stream = listen(alice)
    assert len(hub.streams) == 1
    stream.close()
    until(lambda: len(hub.streams) == 0)


def test_it_closes_a_members_oldest_stream_for_the_eleventh(listen: Listen, alice: User, bob: User) -> None:
    others = listen(bob)
    streams = [listen(alice) for _ in range(11)]
    close = streams[0].wait_for("close")
    assert json.loads(close.data)["retry_ms"] >= 30_000
    assert streams[0].rest() == []
    relabel(new_task(alice), "Newest")
    assert all(stream.wait_for("task") for stream in streams[1:])
    relabel(new_task(bob), "Bob's")
    assert others.wait_for("task")


def test_it_ends_at_once_when_the_member_signs_out(port: int, alice: User) -> None:
    cookie = cookie_of(alice)
    stream = Stream(port, {"Cookie": cookie})
    stream.wait_for("tick")
    task = new_task(alice)
    stream.wait_for("task")
    request = HttpRequest()
    request.session = SessionStore(cookie.rpartition("=")[2])
    began = time.monotonic()
    logout(request)
    relabel(task, "after the end")
    rest = stream.rest()
    stream.close()
    assert time.monotonic() - began < 2
    assert [event.type for event in rest if event.type != "counts"] == ["close"]
