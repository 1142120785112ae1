"""SQLite while another process locks it: writers wait for each other, readers don't wait, and nothing is lost."""

import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.db import connection, transaction
from django.utils import timezone

from dashboard.tasks.models import Task
from tests.support.gateway import ALICE_KEY, Gateway
from tests.support.processes import ServerProcess

LOCKED = float(os.environ.get("LOCKED", "10"))  # seconds


@pytest.mark.django_db(transaction=True)
def test_who_reads_and_then_writes_is_not_overtaken(alices_task: Task) -> None:
    """A deferred transaction fails immediately with "database is locked" if another one has written in between."""
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite")
    has_read, problems = threading.Event(), list[Exception]()

    def overtake() -> None:
        has_read.wait(5)
        try:
            Task.objects.update(label="second")
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    other = threading.Thread(target=overtake)
    other.start()
    with transaction.atomic():
        polls = Task.objects.get().polls
        has_read.set()
        other.join(0.3)  # gives the other one time; it must not finish now
        assert other.is_alive()
        Task.objects.update(label="first", polls=polls + 1)
    other.join(5)
    assert problems == []
    assert Task.objects.get().label == "second"


@contextmanager
def locked(database: Path) -> Iterator[None]:
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("COMMIT")
        other.close()


def tracked(process: ServerProcess, gateway: Gateway) -> dict[str, str]:
    """Tracks tasks that end while the database is locked."""
    key_id = process.act("key", owner="alice", secret=ALICE_KEY)
    outcomes = {}
    for number in range(30):
        outcome = ("completed", "failed")[number % 2]
        upstream_id = gateway.add_task("amux", outcome=outcome, queued_for=1, running_for=number / 5)
        due = timezone.now().isoformat()
        process.act("task", owner="alice", key_id=key_id, upstream_id=upstream_id, next_poll_at=due)
        outcomes[upstream_id] = outcome
    return outcomes


def read_pages(browser: httpx.Client, until: float) -> "Counter[int]":
    found = Counter[int]()
    while time.monotonic() < until:
        for page in ("/", "/?status=completed", "/keys/"):
            found[browser.get(page).status_code] += 1
    return found


@pytest.mark.server
def test_pages_are_read_and_nothing_is_lost_while_it_is_locked(process: ServerProcess, gateway: Gateway) -> None:
    process.env |= {"POLLER": "embedded", "AMUX_BASE_URL": gateway.url, "POLL_EVERY": "0.5"}
    outcomes = tracked(process, gateway)
    process.start()
    with process.browser("alice") as browser:
        assert browser.get("/").status_code == 200
        with locked(process.data_dir / "reelboard.sqlite3"):
            assert [*read_pages(browser, time.monotonic() + LOCKED)] == [200]
        freed = time.monotonic()
        sql = "SELECT upstream_id, status FROM task WHERE next_poll_at IS NULL"
        process.eventually(lambda: dict(process.act("rows", sql=sql)) == outcomes, patience=10)
        print(f"caught up within {time.monotonic() - freed:.1f} s")
        assert browser.get("/").status_code == 200
