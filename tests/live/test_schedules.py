"""Whatever happens in whatever order, a connected browser shows what the database contains."""

import asyncio
import random

import pytest
from asgiref.sync import sync_to_async

from dashboard.accounts.models import User
from dashboard.live.hub import Hub
from dashboard.live.mailbox import Mailbox
from dashboard.live.viewers import StreamViewer
from dashboard.tasks.models import Task, TaskEvent
from tests.live.conftest import delete, new_task, relabel
from tests.support.event_source import Event, Parser
from tests.support.live_hub import RunningHub


class Browser:
    """The state of one browser: its rows by task, and the last cursor that it saw."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.rows: dict[str, str] = {}
        self.cursor = str(TaskEvent.objects.last_cursor())  # as on every page
        self.box: Mailbox | None = None

    async def connect(self, hub: Hub, since: str) -> None:
        self.disconnect(hub)
        self.box = hub.subscribe(StreamViewer(self.user.pk, self.user.is_admin, "s", "h"), lambda: None)
        await hub.catch_up(self.box, since)

    def disconnect(self, hub: Hub) -> None:
        if self.box is not None:
            hub.unsubscribe(self.box)
        self.box = None

    async def read(self, frames: int) -> None:
        """Reads what is waiting; if the connection broke, only the first `frames` frames have arrived."""
        waiting = b""
        while self.box is not None and len(self.box):
            waiting += self.box.take()
        for event in Parser().feed(waiting)[:frames]:
            await self._see(event)

    async def _see(self, event: Event) -> None:
        self.cursor = event.last_event_id
        if event.type == "task":
            self.rows[event.data.partition('id="task-')[2][:36]] = event.data
        elif event.type == "gone":
            self.rows.pop(event.data, None)
        elif event.type == "resync":
            self.rows = await sync_to_async(self.shown)()

    def shown(self) -> dict[str, str]:
        """Returns what the member's page would show now."""
        return {str(task.pk): task.label for task in Task.objects.visible_to(self.user)}


def change(rng: random.Random, users: list[User]) -> None:
    tasks = list(Task.objects.all())
    act = rng.choice(("new", "relabel", "relabel", "relabel", "delete"))
    if act == "new" or not tasks:
        new_task(rng.choice(users))
    elif act == "relabel":
        relabel(rng.choice(tasks), f"label {rng.random()}")
    else:
        delete(rng.choice(tasks))


async def step(rng: random.Random, hub: Hub, browser: Browser) -> None:
    """Reads everything, disconnects in the middle, or reconnects with a valid or invalid cursor."""
    what = rng.choice(("read", "read", "break", "come", "stray", "notify"))
    if what == "read":
        await browser.read(1_000)
    elif what == "break":
        await browser.read(rng.randrange(4))
        browser.disconnect(hub)
    elif what == "come":
        await browser.connect(hub, browser.cursor)
    elif what == "stray":
        await browser.connect(hub, rng.choice(("x", "-1", "999999999", "0", "1" * 40)))
    else:
        hub.notify()


@pytest.mark.parametrize("seed", range(20))
async def test_it_ends_up_with_what_the_database_holds(alice: User, bob: User, admin: User, seed: int) -> None:
    rng = random.Random(seed)
    hub = RunningHub()
    await hub.start()
    browsers = [await sync_to_async(Browser)(user) for user in (alice, bob, admin)]
    for browser in browsers:
        await browser.connect(hub, browser.cursor)
    for _ in range(60):
        await sync_to_async(change)(rng, [alice, bob])
        await step(rng, hub, rng.choice(browsers))
    for browser in browsers:
        if browser.box is None:
            await browser.connect(hub, browser.cursor)
    await deliver_all(hub)
    for browser in browsers:
        await browser.read(1_000)
        truth = await sync_to_async(browser.shown)()
        assert set(browser.rows) == set(truth)
        assert all(label in browser.rows[task] for task, label in truth.items())
        browser.disconnect(hub)
    await hub.stop()


async def deliver_all(hub: Hub) -> None:
    last = await sync_to_async(TaskEvent.objects.last_cursor)()
    hub.notify()
    while hub.cursor < last:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
