"""Transactions that write events at the same time: no reader skips an event, and there is no deadlock."""

import random
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.database import before_commit, write_transaction
from dashboard.keys.models import ApiKey
from dashboard.tasks import actions, writes
from dashboard.tasks.models import Task, TaskEvent
from tests.polling.rounds import answer, asked, written_back
from tests.support.cast import make_task
from tests.support.engine_marks import large_only

pytestmark = [large_only, pytest.mark.django_db(transaction=True)]

ROUNDS = 200
PAGE = 1_000
CROWD = 6.0  # seconds


def closing(work: Callable[[], None]) -> None:
    """For work in a separate thread."""
    try:
        work()
    finally:
        connection.close()


class Reader:
    """Continues from the highest ID it has seen, as the hub does."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=closing, args=(self._read,))

    def __enter__(self) -> "Reader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(10)

    def _read(self) -> None:
        cursor = 0
        while True:
            is_last = self._over.is_set()
            self.seen += TaskEvent.objects.read_after(cursor, PAGE).values_list("pk", flat=True)
            cursor = self.seen[-1] if self.seen else 0
            if is_last:
                return


def test_no_event_is_skipped(alice: User, alices_key: ApiKey) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    tasks = [make_task(alice, alices_key) for _ in range(4)]

    def change(task: Task, text: str, nap: float) -> None:
        with write_transaction():
            assert writes.update_task(task, TaskEvent.Kind.LABEL, label=text)
            before_commit(lambda: time.sleep(nap))  # the event has its ID, and is not visible yet

    def change_often(task: Task, naps: list[float]) -> None:
        for number, nap in enumerate(naps):
            change(task, str(number), nap)

    with Reader() as reader, ThreadPoolExecutor(4) as pool:
        naps = [[rng.choice((0, 0, 0.001, 0.005)) for _ in range(ROUNDS)] for _ in tasks]
        made = [pool.submit(closing, partial(change_often, *pair)) for pair in zip(tasks, naps, strict=True)]
        for one in made:
            one.result(60)
    stored = list(TaskEvent.objects.order_by("pk").values_list("pk", flat=True))
    assert len(stored) == 4 + 4 * ROUNDS
    assert reader.seen == stored


def test_nobody_waits_in_a_circle(alice: User, alices_key: ApiKey) -> None:
    """Pollers write batches while members label, refresh and delete many tasks at the same time."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    ids = [make_task(alice, alices_key).pk for _ in range(60)]
    until = time.monotonic() + CROWD
    rounds = [0, 0, 0]

    def make_due(now: datetime) -> None:
        with write_transaction():
            Task.objects.lock_for_update(ids)  # in the same order as everybody else
            Task.objects.filter(pk__in=ids, lease_token=None).update(next_poll_at=now)

    def poll() -> None:
        rng = random.Random(seed)
        while time.monotonic() < until:
            now = timezone.now()
            progress = rng.randrange(100)
            written_back(asked(answer(progress=progress), now), now)
            make_due(now)
            rounds[0] += 1

    def label() -> None:
        rng = random.Random(seed + 1)
        while time.monotonic() < until:
            some = rng.sample(ids, 40)
            actions.label(list(Task.objects.filter(pk__in=some).order_by("?")), str(rng.random()))
            rounds[1] += 1

    def delete() -> None:
        rng = random.Random(seed + 2)
        while time.monotonic() < until:
            made = [make_task(alice, alices_key) for _ in range(5)]
            actions.refresh(Task.objects.select_related("key").get(pk=rng.choice(ids)))
            actions.delete(made)
            rounds[2] += 1

    with ThreadPoolExecutor(5) as pool:
        working = [pool.submit(closing, work) for work in (poll, poll, label, label, delete)]
        for one in working:
            one.result(CROWD + 30)
    print(f"{rounds} rounds of polls, labels, deletions")
    assert min(rounds) > 0
