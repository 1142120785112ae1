"""One seeded schedule with a hub: tasks and permissions change, browsers come and go, servers restart, and
notifications and events are lost. Optionally, members read in several languages, and change them.

In the end, each screen must show what its member may see; it must never receive anything else.
"""

import asyncio
import itertools
import random
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from uuid import UUID

from asgiref.sync import sync_to_async

from dashboard.accounts.models import User
from dashboard.live.mailbox import Mailbox
from dashboard.live.viewers import StreamViewer
from dashboard.tasks import actions, writes
from dashboard.tasks.models import Task, TaskEvent
from dashboard.tasks.visibility import can_see
from tests.support import mo_files
from tests.support.event_source import Event, Parser
from tests.support.live_hub import RunningHub
from tests.support.tasks import store_task

STEPS = 40
STRAY = ("x", "-1", "999999999", "0", "1" * 40, "7" * 10_000, "\x00", "%00", "1.5", "١")
ACTS = (
    *("new", "relabel", "relabel", "relabel", "delete"),
    *("read", "read", "break_off", "come_back", "stray", "race", "notify", "notify"),
    *("restart", "prune", "change_rights"),
)
ENGLISH = "en"
# Languages that no other test has, because words are cached. A catalog of one text shows which language a row is in.
LANGUAGES = (ENGLISH, "qaa", "qab", "qac")
MARKED = "Select %(title)s"


def write_catalogs(folder: Path) -> None:
    for language in LANGUAGES[1:]:
        mo_files.write_catalog(folder, language, "django", "nplurals=1; plural=0;", {MARKED: f"{language}: %(title)s"})


def is_in(language: str, row: str) -> bool:
    start = "Select " if language == ENGLISH else f"{language}: "
    return f'aria-label="{start}' in row


class Screen:
    """What one browser shows, and the last cursor that it saw. Its page has a cursor from the start."""

    def __init__(self, user: User, language: str = ENGLISH) -> None:
        self.user = user
        self.language = language
        self.box: Mailbox | None = None
        self.rows: dict[str, str] = {}
        self.cursor = "0"

    def load(self) -> None:
        """Loads the page: as in the views, the cursor is read before the rows."""
        self.user.refresh_from_db()
        self.cursor = str(TaskEvent.objects.last_cursor())
        self.rows = self.truth()

    def truth(self) -> dict[str, str]:
        return {str(task.pk): task.label for task in Task.objects.visible_to(self.user)}

    def viewer(self) -> StreamViewer:
        return StreamViewer(self.user.pk, self.user.is_admin, "s", "h", language=self.language)

    def see(self, event: Event, owners: dict[str, int]) -> None:
        """Raises AssertionError for an event of a task that the stream's reader may not see."""
        self.cursor = event.last_event_id
        task_id = event.data if event.type == "gone" else event.data.partition('id="task-')[2][:36]
        if event.type in ("task", "gone"):
            assert self.box is not None
            assert can_see(self.box.viewer, owners[task_id]), f"{self.user} was told of {task_id}"
        if event.type == "task":
            assert is_in(self.language, event.data), f"{self.user} got a row that is not in {self.language}"
            self.rows[task_id] = event.data
        elif event.type == "gone":
            self.rows.pop(task_id, None)
        elif event.type == "resync":
            self.load()


class Schedule:
    """Deterministic except for the moments when the hub's own thread reads.

    With `languages`, each member has two screens in any of them, and their languages change.
    """

    def __init__(self, seed: int, users: list[User], languages: Sequence[str] = ()) -> None:
        self._rng = random.Random(seed)
        self._languages = languages
        self._acts = (*ACTS, "change_language", "change_language") if languages else ACTS
        self._screens = [Screen(user) for user in users]
        if languages:
            self._screens = [Screen(copy(user), self._rng.choice(languages)) for user in users for _ in range(2)]
        self._owners: dict[str, int] = {}
        self._numbers = itertools.count(1)
        self._hub = RunningHub()

    async def run(self) -> None:
        await self._hub.start()
        for screen in self._screens:
            await sync_to_async(screen.load)()
            await self._connect(screen, screen.cursor)
        for _ in range(STEPS):
            await getattr(self, self._rng.choice(self._acts))(self._rng.choice(self._screens))
        await self._deliver_all()
        for screen in self._screens:
            if screen.box is None:
                await self._connect(screen, screen.cursor)
            await self._read(screen)
            self._disconnect(screen)
        await self._hub.stop()
        for screen in self._screens:
            await sync_to_async(self._check)(screen)

    def _check(self, screen: Screen) -> None:
        truth = screen.truth()
        assert set(screen.rows) == set(truth), screen.user
        assert all(label in screen.rows[task] for task, label in truth.items()), screen.user

    async def new(self, screen: Screen) -> None:
        await sync_to_async(self._new)(screen.user)

    def _new(self, owner: User) -> None:
        task = store_task(owner=owner, upstream_id=f"task-{next(self._numbers)}", label="new")
        writes.record_events([writes.event_of(task, TaskEvent.Kind.CREATED)])
        self._owners[str(task.pk)] = owner.pk

    async def relabel(self, screen: Screen) -> None:
        await sync_to_async(self._relabel)()

    def _relabel(self) -> None:
        if self._owners:
            some = Task.objects.filter(pk=UUID(self._rng.choice([*self._owners])))
            actions.label(some, f"label {next(self._numbers)}")

    async def delete(self, screen: Screen) -> None:
        await sync_to_async(self._delete)()

    def _delete(self) -> None:
        if self._owners:
            actions.delete(Task.objects.filter(pk=UUID(self._rng.choice([*self._owners]))))

    async def notify(self, screen: Screen) -> None:
        """Most notifications are lost here; only this one arrives."""
        self._hub.notify()
        await asyncio.sleep(self._rng.choice((0, 0.002, 0.01)))

    async def read(self, screen: Screen) -> None:
        await self._read(screen)

    async def break_off(self, screen: Screen) -> None:
        """Disconnects after the first few waiting frames; the rest is lost."""
        await self._read(screen, self._rng.randrange(4))
        self._disconnect(screen)

    async def come_back(self, screen: Screen) -> None:
        await self._connect(screen, screen.cursor)

    async def stray(self, screen: Screen) -> None:
        await self._connect(screen, self._rng.choice(STRAY))

    async def race(self, screen: Screen) -> None:
        """A change is committed, and possibly read by the hub, between subscribing and the replay."""
        self._disconnect(screen)
        screen.box = self._hub.subscribe(screen.viewer(), lambda: None)
        await self.relabel(screen)
        if self._rng.random() < 0.5:
            await self._deliver_all()
        await self._hub.catch_up(screen.box, screen.cursor)

    async def restart(self, screen: Screen) -> None:
        """The process is killed with everything that waited for its streams."""
        for one in self._screens:
            self._disconnect(one)
        await self._hub.stop()
        await self.relabel(screen)
        self._hub = RunningHub()
        await self._hub.start()

    async def prune(self, screen: Screen) -> None:
        """Deletes old events; never the newest, and none that a hub has not read within a day."""
        last = await sync_to_async(TaskEvent.objects.last_cursor)()
        old = TaskEvent.objects.filter(pk__lt=min(last - self._rng.randrange(5), self._hub.cursor))
        await sync_to_async(old.delete)()

    async def change_rights(self, screen: Screen) -> None:
        """The heartbeat notices, ends the member's streams, and makes the pages reload."""
        is_staff = not screen.user.is_staff
        await User.objects.filter(pk=screen.user.pk).aupdate(is_staff=is_staff)
        for one in self._screens:
            if one.user.pk == screen.user.pk:
                await self._load_anew(one)

    async def _load_anew(self, screen: Screen) -> None:
        self._disconnect(screen)
        await sync_to_async(screen.load)()
        await self._connect(screen, screen.cursor)

    async def change_language(self, screen: Screen) -> None:
        """The page is loaded again in the other language, perhaps while the hub reads changes for those present."""
        await self._read(screen, self._rng.randrange(4))
        self._disconnect(screen)
        screen.language = self._rng.choice(self._languages)
        await sync_to_async(screen.load)()
        if self._rng.random() < 0.5:
            await self.relabel(screen)
            await asyncio.sleep(self._rng.choice((0, 0.02)))  # after its pause, the hub waits for a notification
            self._hub.notify()
            for _ in range(self._rng.randrange(8)):
                await asyncio.sleep(0)
        await self._connect(screen, screen.cursor)

    async def _connect(self, screen: Screen, since: str) -> None:
        self._disconnect(screen)
        screen.box = self._hub.subscribe(screen.viewer(), lambda: None)
        await self._hub.catch_up(screen.box, since)

    def _disconnect(self, screen: Screen) -> None:
        if screen.box is not None:
            self._hub.unsubscribe(screen.box)
        screen.box = None

    async def _read(self, screen: Screen, frames: int = 1_000) -> None:
        waiting = b""
        while screen.box is not None and len(screen.box):
            waiting += screen.box.take()
        for event in Parser().feed(waiting)[:frames]:
            await sync_to_async(screen.see)(event, self._owners)

    async def _deliver_all(self) -> None:
        last = await sync_to_async(TaskEvent.objects.last_cursor)()
        self._hub.notify()
        async with asyncio.timeout(10):
            while self._hub.cursor < last:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
