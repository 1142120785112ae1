"""A mailbox: the newest state of each task, bounded, in an order that makes every ID a safe cursor."""

import asyncio
import json

import pytest

from dashboard.live import sse
from dashboard.live.mailbox import CHUNK, MAX_EVENTS, Mailbox, QueuedEvent
from dashboard.live.viewers import StreamViewer
from tests.support.event_source import Event, Parser


def no_abort() -> None:
    raise AssertionError("not to be called")


@pytest.fixture
def box() -> Mailbox:
    return Mailbox(StreamViewer(1, False, "s", "h"), 10, no_abort)


def queued_event(cursor: int, task: str, size: int = 1) -> QueuedEvent:
    return QueuedEvent(cursor, task, sse.frame("task", task * size, cursor))


def taken(box: Mailbox) -> list[Event]:
    return Parser().feed(box.take())


def test_it_keeps_the_newest_frame_of_a_task(box: Mailbox) -> None:
    for cursor in (11, 12, 13):
        box.put(queued_event(cursor, "a"))
    assert [event.last_event_id for event in taken(box)] == ["13"]


def test_it_never_hands_out_an_id_before_what_lies_below_it(box: Mailbox) -> None:
    for cursor, task in ((11, "a"), (12, "b"), (13, "a")):
        box.put(queued_event(cursor, task))
    assert [(event.data, event.last_event_id) for event in taken(box)] == [("b", "12"), ("a", "13")]


def test_it_hands_out_a_chunk_at_a_time(box: Mailbox) -> None:
    for number in range(4):
        box.put(queued_event(11 + number, f"{number}", CHUNK // 2))
    assert [len(taken(box)), len(taken(box)), len(box)] == [2, 2, 0]


def test_it_asks_for_a_new_start_when_too_much_waits(box: Mailbox) -> None:
    for number in range(MAX_EVENTS + 1):
        box.put(queued_event(100 + number, f"t{number}"))
    box.put(queued_event(5_000, "later"))
    assert [(event.type, event.last_event_id) for event in taken(box)] == [("resync", "1100"), ("task", "5000")]


def test_it_merges_a_replay_with_what_came_meanwhile(box: Mailbox) -> None:
    box.put(queued_event(21, "a"))
    box.put(queued_event(22, "c"))
    box.fill([queued_event(15, "a"), queued_event(16, "b"), queued_event(23, "c")])
    assert [(event.data, event.last_event_id) for event in taken(box)] == [("b", "16"), ("a", "21"), ("c", "23")]


def test_it_takes_nothing_older_after_a_replay(box: Mailbox) -> None:
    box.fill([queued_event(15, "a"), queued_event(17, "b")])
    box.put(queued_event(16, "b"))
    box.put(queued_event(18, "a"))
    assert [(event.data, event.last_event_id) for event in taken(box)] == [("b", "17"), ("a", "18")]


def test_it_puts_a_tick_behind_the_change_at_its_cursor(box: Mailbox) -> None:
    """Otherwise, a connection that breaks after the tick would resume after a change that it never received."""
    box.put(QueuedEvent(15, "counts", sse.frame("counts", "{}", 15)))
    box.fill([queued_event(15, "a")])
    assert [event.type for event in taken(box)] == ["task", "counts"]


def test_it_says_goodbye_with_the_cursor_of_what_was_sent(box: Mailbox) -> None:
    box.put(queued_event(11, "a"))
    box.take()
    box.put(queued_event(12, "secret"))
    box.close(2_500)
    assert taken(box) == []
    (close,) = Parser().feed(box.close_event())
    assert (close.type, json.loads(close.data), close.last_event_id) == ("close", {"retry_ms": 2_500}, "11")


async def test_it_wakes_its_waiter(box: Mailbox) -> None:
    waiting = asyncio.create_task(box.wait())
    await asyncio.sleep(0)
    box.put(queued_event(11, "a"))
    await asyncio.wait_for(waiting, 1)
