"""The hub by itself, in the test's own loop: what it reads, how often, and for whom."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer

from dashboard import notify
from dashboard.accounts.models import User
from dashboard.live import event_reader
from dashboard.live.mailbox import Mailbox
from dashboard.live.registry import MAX_STREAMS, Audience, TooManyStreams, everyone
from dashboard.live.viewers import StreamViewer
from dashboard.tasks.models import TaskEvent
from tests.live.conftest import new_task, relabel
from tests.support.engine_marks import in_memory_only
from tests.support.event_source import Event, Parser
from tests.support.live_hub import RunningHub

ALICES = Audience(owners=frozenset({1}))


def no_abort() -> None:
    """Does nothing, because nothing is connected."""


@pytest.fixture
async def hub(transactional_db: None) -> AsyncIterator[RunningHub]:
    running = RunningHub()
    await running.start()
    yield running
    for box in running.streams:
        running.unsubscribe(box)
    await running.stop()


def enter(hub: RunningHub, user: User) -> Mailbox:
    return hub.subscribe(StreamViewer(user.pk, user.is_admin, f"s{user.pk}", "h"), no_abort)


async def received(box: Mailbox) -> list[Event]:
    async with asyncio.timeout(3):
        await box.wait()
    return Parser().feed(box.take())


async def caught_up(hub: RunningHub, cursor: int) -> None:
    async with asyncio.timeout(3):
        while hub.cursor < cursor:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_it_starts_where_the_events_end(alice: User, hub: RunningHub) -> None:
    assert hub.cursor == await sync_to_async(TaskEvent.objects.last_cursor)()


async def test_it_reads_after_a_notification(alice: User, hub: RunningHub) -> None:
    box = enter(hub, alice)
    await sync_to_async(new_task)(alice)
    layer = get_channel_layer()
    assert layer is not None
    await layer.group_send(notify.GROUP, {"type": notify.CHANGED})
    assert (await received(box))[0].type == "task"


@in_memory_only
async def test_it_is_the_only_member_of_the_group(alice: User, hub: RunningHub) -> None:
    enter(hub, alice)
    enter(hub, alice)
    layer = get_channel_layer()
    await asyncio.sleep(0)
    assert len(layer.groups[notify.GROUP]) == 1  # type: ignore[union-attr]  # the in-memory layer's


@in_memory_only
async def test_it_leaves_the_group_at_the_end(alice: User, hub: RunningHub) -> None:
    await hub.stop()
    assert notify.GROUP not in get_channel_layer().groups  # type: ignore[union-attr]  # the in-memory layer's


async def test_it_makes_one_frame_of_many_changes(alice: User, hub: RunningHub) -> None:
    box = enter(hub, alice)

    def change_often() -> int:
        task = new_task(alice)
        return [relabel(task, f"name {number}") for number in range(30)][-1]

    last = await sync_to_async(change_often)()
    for _ in range(30):
        hub.notify()
    await caught_up(hub, last)
    (event,) = (event for event in await received(box) if event.type == "task")
    assert "name 29" in event.data
    assert event.last_event_id == str(last)


async def test_it_reads_a_long_backlog_in_pages(alice: User, hub: RunningHub) -> None:
    box = enter(hub, alice)
    made = [TaskEvent(task_id=f"{n % 7:032x}", owner_id=alice.pk, version=n, kind="deleted") for n in range(2_500)]
    await sync_to_async(TaskEvent.objects.bulk_create)(made)
    last = await sync_to_async(TaskEvent.objects.last_cursor)()
    hub.notify()
    while hub.cursor < last:
        await received(box)
    assert hub.cursor == last


async def test_it_asks_four_queries_for_a_page(alice: User, django_assert_num_queries: object) -> None:
    assert callable(django_assert_num_queries)

    def read() -> int:
        for _ in range(10):
            new_task(alice)
        with django_assert_num_queries(4):
            return len(event_reader.page_after(0, everyone()).changes)

    assert await sync_to_async(read)() == 10


async def test_it_renders_nothing_that_nobody_present_may_see(alice: User, bob: User) -> None:
    await sync_to_async(new_task)(bob)
    page = await sync_to_async(event_reader.page_after)(0, Audience(owners=frozenset({alice.pk})))
    assert (page.changes, page.cursor) == ([], await sync_to_async(TaskEvent.objects.last_cursor)())


async def test_it_serves_whoever_comes_in_while_it_reads(alice: User, bob: User, hub: RunningHub) -> None:
    """They start at the cursor from before the read, which did not render their tasks."""
    first = enter(hub, alice)
    for _ in range(20):
        await sync_to_async(new_task)(bob)
        hub.notify()
        await asyncio.sleep(0)
        late = enter(hub, bob)
        newest = await sync_to_async(TaskEvent.objects.last_cursor)()
        told = [newest] if late.cursor < newest else []
        await caught_up(hub, newest)
        assert [int(event.last_event_id) for event in Parser().feed(late.take()) if event.type == "task"] == told
        hub.unsubscribe(late)
    assert len(first) == 0


async def test_it_goes_on_when_nobody_listens(alice: User, hub: RunningHub) -> None:
    await sync_to_async(new_task)(alice)
    hub.notify()
    await caught_up(hub, await sync_to_async(TaskEvent.objects.last_cursor)())


async def test_it_takes_a_bounded_number_of_streams(transactional_db: None, hub: RunningHub) -> None:
    for number in range(MAX_STREAMS):
        hub.subscribe(StreamViewer(number, False, "s", "h"), no_abort)
    with pytest.raises(TooManyStreams):
        hub.subscribe(StreamViewer(MAX_STREAMS, False, "s", "h"), no_abort)


async def test_it_lets_nobody_in_after_its_end(hub: RunningHub) -> None:
    await hub.stop()
    with pytest.raises(TooManyStreams):
        hub.subscribe(StreamViewer(1, False, "s", "h"), no_abort)


@pytest.mark.parametrize(
    ("audience", "other", "covers"),
    [
        (everyone(), ALICES, True),
        (ALICES, everyone(), False),
        (ALICES, Audience(), True),
        (Audience(), ALICES, False),
        (ALICES, ALICES, True),
    ],
)
def test_it_compares_audiences(audience: Audience, other: Audience, covers: bool) -> None:
    assert audience.covers(other) is covers


async def test_a_change_is_rendered_for_each_language_of_those_present(hub: RunningHub, alice: User) -> None:
    task = await sync_to_async(new_task)(alice)
    audience = Audience(owners=frozenset({alice.pk}), languages=frozenset({"en", "de"}))
    page = await sync_to_async(event_reader.page_after)(0, audience)
    change = page.changes[-1]
    assert change.key == str(task.pk)
    assert {*change.for_editors} == {"en", "de"}
    german = StreamViewer(alice.pk, False, "s", "h", language="de")
    assert event_reader.event_for(german, change) is change.for_editors["de"]


async def test_a_stream_in_another_language_widens_the_audience(hub: RunningHub, alice: User) -> None:
    enter(hub, alice)
    before = hub.streams.audience()
    box = hub.subscribe(StreamViewer(alice.pk, False, "t", "h", language="de"), no_abort)
    assert not before.covers(hub.streams.audience())
    assert hub.streams.audience().covers(before)
    hub.unsubscribe(box)
    assert hub.streams.audience() == before


async def test_a_link_that_is_opened_during_a_read_misses_nothing(
    hub: RunningHub, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await sync_to_async(new_task)(alice)
    await asyncio.sleep(0.2)  # until that was read
    boxes, opened, is_open, loop = list[Mailbox](), asyncio.Event(), threading.Event(), asyncio.get_running_loop()
    viewer = StreamViewer(alice.pk, False, "s", "h", link="hash", task_id=str(task.pk))

    def open_link() -> None:
        boxes.append(hub.subscribe(viewer, no_abort))
        opened.set()
        is_open.set()

    def opened_meanwhile() -> int:
        if not is_open.is_set():
            loop.call_soon_threadsafe(open_link)
            is_open.wait(10)
            relabel(task, "changed")
        return TaskEvent.objects.last_cursor()

    monkeypatch.setattr(event_reader, "last_cursor", opened_meanwhile)
    hub.notify()
    async with asyncio.timeout(10):
        await opened.wait()
    assert [event.type for event in await received(boxes[0])] == ["changed"]
