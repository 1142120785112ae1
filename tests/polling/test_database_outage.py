"""The database is locked or unavailable for a while: no result is lost, and nothing stops for good."""

import asyncio
import sqlite3
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.polling.batch_writer import BatchWriter
from dashboard.tasks.models import Task
from tests.polling.loops import every_task, polling, some_task
from tests.support.cast import make_task
from tests.support.engine_marks import sqlite_only
from tests.support.gateway import Gateway
from tests.support.wait import until_async


async def test_it_tries_a_batch_again() -> None:
    tries, done = list[list[int]](), list[int]()

    async def write(batch: list[int]) -> None:
        tries.append(batch)
        if len(tries) == 1:
            raise OperationalError("database is locked")

    writer = BatchWriter(write, done.extend)
    writer.put(1)
    await writer.drain()
    assert (tries, done) == ([[1], [1]], [1])


async def test_it_gives_up_when_the_leases_have_ended() -> None:
    done = list[int]()

    async def write(batch: list[int]) -> None:
        raise OperationalError("database is locked")

    writer = BatchWriter(write, done.extend, patience=0.0)
    writer.put(1)
    await writer.drain()
    assert done == [1]


async def test_it_writes_a_full_batch_at_once() -> None:
    sizes, all_written = list[int](), asyncio.Event()

    async def write(batch: list[int]) -> None:
        sizes.append(len(batch))
        if sum(sizes) == 450:
            all_written.set()

    writer = BatchWriter(write, lambda batch: None)
    for number in range(450):
        writer.put(number)
    running = asyncio.create_task(writer.run())
    await all_written.wait()
    running.cancel()
    assert sizes == [200, 200, 50]


@sqlite_only
@pytest.mark.django_db(transaction=True)
async def test_it_goes_on_after_the_database_was_locked(gateway: Gateway, alice: User, alices_key: ApiKey) -> None:
    await sync_to_async(make_task)(alice, alices_key, gateway.add_task(queued_for=0, running_for=1))
    name = str(connection.settings_dict["NAME"])
    async with polling(gateway.url):
        await until_async(some_task(polls__gte=1))
        other = sqlite3.connect(name, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        await asyncio.sleep(1.5)  # the outage itself
        other.execute("COMMIT")
        other.close()
        await until_async(every_task(status="completed"), within=10)


@pytest.mark.django_db(transaction=True)
async def test_it_brings_everything_forward_when_the_clock_goes_back(
    gateway: Gateway, alice: User, alices_key: ApiKey
) -> None:
    await sync_to_async(make_task)(alice, alices_key, gateway.add_task(status="completed"))
    ahead = [timedelta(hours=1)]
    await sync_to_async(Task.objects.update)(next_poll_at=timezone.now() + timedelta(minutes=30))
    async with polling(gateway.url, now=lambda: timezone.now() - ahead[0]):
        ahead[0] = timedelta(hours=1, seconds=5)
        await until_async(every_task(status="completed"))
