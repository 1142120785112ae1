"""Coming back with a cursor: nothing is lost, and an invalid cursor leads to a resync."""

import asyncio
import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.live import event_reader
from dashboard.live.hub import hub
from dashboard.live.viewers import StreamViewer
from dashboard.tasks.models import TaskEvent
from tests.live.conftest import Listen, cookie_of, delete, in_loop, new_task, read_by_hub, relabel
from tests.support.event_source import Parser, Stream


def test_it_replays_what_was_missed(listen: Listen, alice: User) -> None:
    kept, gone = new_task(alice), new_task(alice)
    before = TaskEvent.objects.last_cursor()
    gone_id = str(gone.pk)
    for label in ("one", "two", "three"):
        relabel(kept, label)
    delete(gone)
    read_by_hub(TaskEvent.objects.last_cursor())
    stream = listen(alice, since=before)
    kinds = [(event.type, "three" in event.data or event.data == gone_id) for event in stream.seen[:2]]
    assert kinds == [("task", True), ("gone", True)]


def test_it_prefers_the_header(port: int, alice: User) -> None:
    task = new_task(alice)
    before = TaskEvent.objects.last_cursor()
    relabel(task, "missed")
    stream = Stream(port, {"Cookie": cookie_of(alice), "Last-Event-ID": str(before)}, "/events?since=garbage")
    assert "missed" in stream.wait_for("task").data
    stream.close()


def test_it_starts_now_without_a_cursor(listen: Listen, alice: User) -> None:
    cursor = read_by_hub(relabel(new_task(alice), "old"))
    stream = listen(alice)
    assert [(event.type, event.last_event_id) for event in stream.seen] == [("tick", str(cursor))]


def test_it_says_nothing_twice_to_whoever_is_up_to_date(listen: Listen, alice: User) -> None:
    cursor = read_by_hub(relabel(new_task(alice), "seen"))
    assert [event.type for event in listen(alice, since=cursor).seen] == ["tick"]


GARBAGE = ["-1", "abc", "1.5", "%00", "1%00", "%0a1", "9" * 18, "9" * 30, "7" * 10_000, "%D9%A1", "%ff", "0x10", "1+1"]


@pytest.mark.parametrize("since", GARBAGE)
def test_it_answers_garbage_with_a_new_start(listen: Listen, alice: User, since: str) -> None:
    cursor = read_by_hub(relabel(new_task(alice), "there"))
    stream = listen(alice, since=since, caught_up=False)
    assert stream.status == 200
    assert stream.wait_for("resync").last_event_id == str(cursor)


@pytest.mark.parametrize("header", ["-1", "abc", "\xff", "1" * 10_000, "1, 2"])
def test_it_answers_a_garbage_header_with_a_new_start(port: int, alice: User, header: str) -> None:
    stream = Stream(port, {"Cookie": cookie_of(alice), "Last-Event-ID": header})
    assert stream.wait_for("resync")
    stream.close()


def test_it_goes_on_after_a_new_start(listen: Listen, alice: User) -> None:
    task = new_task(alice)
    read_by_hub(TaskEvent.objects.last_cursor())
    stream = listen(alice, since="999999", caught_up=False)
    stream.wait_for("resync")
    relabel(task, "and on")
    assert "and on" in stream.wait_for("task").data


def test_it_says_goodbye_where_the_browser_stood(port: int, alice: User) -> None:
    """The stream is closed before the replay: the cursor of its last event must not skip what the browser missed."""
    before = relabel(new_task(alice), "seen")
    read_by_hub(relabel(new_task(alice), "missed"))

    async def dismissed() -> str:
        box = hub.subscribe(viewer(alice), lambda: None)
        catching_up = asyncio.create_task(hub.catch_up(box, str(before)))
        await asyncio.sleep(0)
        hub.streams.dismiss(box, 1)
        await catching_up
        hub.unsubscribe(box)
        return Parser().feed(box.close_event())[0].last_event_id

    assert in_loop(dismissed) == str(before)


def viewer(user: User) -> StreamViewer:
    return StreamViewer(user.pk, user.is_admin, "s", "h")


def test_it_knows_no_cursor_that_was_swept_up(alice: User) -> None:
    task = new_task(alice)
    old = relabel(task, "a")
    last = relabel(task, "b")
    TaskEvent.objects.filter(pk=old).delete()
    assert event_reader.replay(viewer(alice), old, last) is None


def test_it_does_not_trust_an_old_cursor(alice: User) -> None:
    task = new_task(alice)
    old = relabel(task, "a")
    last = relabel(task, "b")
    TaskEvent.objects.filter(pk=old).update(at=timezone.now() - event_reader.FRESH * 2)
    assert event_reader.replay(viewer(alice), old, last) is None


def test_it_gives_up_on_a_replay_of_too_many_tasks(alice: User) -> None:
    first = relabel(new_task(alice), "a")
    events = [TaskEvent(task_id=f"{n:032x}", owner_id=alice.pk, version=1, kind="deleted") for n in range(501)]
    TaskEvent.objects.bulk_create(events)
    assert event_reader.replay(viewer(alice), first, first + 501) is None
    assert len(event_reader.replay(viewer(alice), first + 1, first + 501) or []) == 500


def test_it_does_not_look_through_everything(alice: User) -> None:
    assert event_reader.replay(viewer(alice), 1, 1 + event_reader.MOST_PASSED_OVER + 1) is None


def test_it_replays_with_few_queries(alice: User, bob: User) -> None:
    first = relabel(new_task(alice), "a")
    tasks = [new_task(alice) for _ in range(20)]
    with CaptureQueriesContext(connection) as queries:
        assert len(event_reader.replay(viewer(alice), first, first + 20) or []) == len(tasks)
    assert len(queries) == 4


def test_it_loses_nothing_between_page_and_stream(listen: Listen, alice: User) -> None:
    """A page contains its cursor; changes that are committed before or while its stream opens are shown."""
    task = new_task(alice)
    for number in range(20):
        page = TaskEvent.objects.last_cursor()
        relabel(task, f"between {number}")
        committing = threading.Thread(target=relabel_elsewhere, args=(alice, f"during {number}"))
        committing.start()
        stream = listen(alice, since=page, caught_up=False)
        while f"during {number}" not in stream.wait_for("task").data:
            pass
        committing.join()
        assert any(f"between {number}" in event.data for event in stream.seen)
        stream.close()


def relabel_elsewhere(owner: User, label: str) -> None:
    try:
        relabel(new_task(owner), label)
    finally:
        connection.close()
