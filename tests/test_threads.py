"""A thread pool: its database connections, and its calls after their caller is gone."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connections

from dashboard.threads import ThreadPool


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Returns the threads that closed their connections, in order."""
    names: list[str] = []
    monkeypatch.setattr(connections, "close_all", lambda: names.append(threading.current_thread().name))
    return names


@pytest.fixture
def pool() -> Iterator[ThreadPool]:
    made = ThreadPool("kept")
    yield made
    made.stop()


def fail() -> None:
    raise OperationalError


async def test_it_keeps_its_connection_while_all_is_well(pool: ThreadPool, closed: list[str]) -> None:
    assert await pool.run(int, "7") == 7
    with pytest.raises(ValueError, match="invalid literal"):
        await pool.run(int, "seven")
    assert closed == []


async def test_it_closes_its_connection_after_an_error_of_the_database(pool: ThreadPool, closed: list[str]) -> None:
    with pytest.raises(OperationalError):
        await pool.run(fail)
    assert closed == ["kept_0"]


async def test_it_releases_its_connection_after_each_call_if_told_to(closed: list[str]) -> None:
    pool = ThreadPool("readers", releases_connections=True)
    await pool.run(int)
    await pool.run(int)
    pool.stop()
    assert closed == ["readers_0", "readers_0"]


async def test_it_closes_its_connection_at_the_end_in_its_own_thread(pool: ThreadPool, closed: list[str]) -> None:
    await pool.run(int)
    await pool.close()
    assert closed == ["kept_0"]


async def test_it_finishes_what_has_begun_when_the_caller_is_cancelled(pool: ThreadPool) -> None:
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(60)
        done.set()

    caller = asyncio.create_task(pool.run(work))
    await asyncio.to_thread(begun.wait, 60)
    caller.cancel()
    go_on.set()
    assert await asyncio.to_thread(done.wait, 60)


@pytest.mark.parametrize("finish", [True, False])
async def test_it_drops_what_is_queued_when_it_stops_unless_told_to_finish_it(finish: bool) -> None:
    pool, go_on = ThreadPool("disk"), threading.Event()
    first, queued = pool.submit(go_on.wait, 60), pool.submit(int, "7")
    pool.stop(finish_queued=finish)
    go_on.set()
    assert first.result(60)
    assert queued.cancelled() is not finish
