"""The loop with a gateway on real sockets, and with a real clock."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.demo.dialects import Json
from dashboard.demo.options import DIALECTS
from dashboard.keys.models import ApiKey
from dashboard.polling.schedule import PollConfig
from dashboard.tasks.models import Task, TaskEvent
from tests.polling.loops import every_task, polling, some_task
from tests.support.cast import make_task
from tests.support.gateway import Gateway
from tests.support.wait import until_async

pytestmark = pytest.mark.django_db(transaction=True)

OUTCOMES = ("completed", "failed")


def tracked(
    gateway: Gateway, owner: User, key: ApiKey, number: int, queued_for: float = 0.2, running_for: float = 0.5
) -> dict[str, str]:
    """Tracks `number` tasks across all dialects and both outcomes; returns the outcomes by upstream ID."""
    outcomes = {}
    for index in range(number):
        outcome = OUTCOMES[index // len(DIALECTS) % 2]
        upstream_id = gateway.add_task(
            DIALECTS[index % len(DIALECTS)], outcome=outcome, queued_for=queued_for, running_for=running_for
        )
        outcomes[upstream_id] = outcome
        make_task(owner, key, upstream_id)
    return outcomes


def ended() -> dict[str, str]:
    return dict(Task.objects.filter(next_poll_at=None).values_list("upstream_id", "status"))


def closest(log: list[Json]) -> float:
    """Returns the shortest time, in seconds, between two polls of one task; one poll may try two paths."""
    last: dict[tuple[object, object], float] = {}
    found = float("inf")
    for entry in log:
        begun, which = float(str(entry["monotonic"])), (entry["task"], entry["path"])
        found = min(found, begun - last.get(which, float("-inf")))
        last[which] = begun
    return found


async def test_it_brings_tasks_of_every_dialect_to_their_end(gateway: Gateway, alice: User, alices_key: ApiKey) -> None:
    add = sync_to_async(tracked)
    outcomes = await add(gateway, alice, alices_key, 60, queued_for=0.2, running_for=0.5)
    async with polling(gateway.url):
        await until_async(every_task(next_poll_at=None))
    assert await sync_to_async(ended)() == outcomes
    assert await sync_to_async(Task.objects.exclude(lease_token=None).count)() == 0


async def test_a_poll_that_takes_longer_than_its_lease_counts(
    gateway: Gateway, alice: User, alices_key: ApiKey
) -> None:
    """Reading a large answer can take that long. The lease is renewed, so that nobody else polls the task in the
    meantime."""
    upstream_id = gateway.add_task(status="completed")
    await sync_to_async(make_task)(alice, alices_key, upstream_id)
    gateway.fault("delay", settings={"seconds": 7.0})
    async with polling(gateway.url, PollConfig(every=0.2, lease=3.0)):
        await until_async(every_task(status="completed"))
    assert len(gateway.log(task=upstream_id)) == 1
    assert (await sync_to_async(Task.objects.get)()).polls == 1


async def test_it_tells_each_version_once(gateway: Gateway, alice: User, alices_key: ApiKey) -> None:
    await sync_to_async(tracked)(gateway, alice, alices_key, 16, queued_for=0.2, running_for=0.5)
    async with polling(gateway.url):
        await until_async(every_task(next_poll_at=None))
    versions = await sync_to_async(lambda: {task.pk: task.version for task in Task.objects.all()})()
    for pk, version in versions.items():
        told = await sync_to_async(lambda pk=pk: [*TaskEvent.objects.of_task(pk).values_list("version", flat=True)])()
        assert told == [*range(1, version + 1)]


async def test_it_notices_a_change_within_an_interval_and_a_second(
    gateway: Gateway, alice: User, alices_key: ApiKey
) -> None:
    upstream_id = await sync_to_async(gateway.add_task)("amux+stuck")
    await sync_to_async(make_task)(alice, alices_key, upstream_id)
    async with polling(gateway.url):
        await until_async(some_task(polls__gt=1))
        await sync_to_async(gateway.change_task)(upstream_id, status="completed")
        assert await until_async(every_task(status="completed")) < 0.4 + 1.0


async def test_it_asks_at_once_for_what_it_is_woken_for(gateway: Gateway, alice: User, alices_key: ApiKey) -> None:
    await sync_to_async(make_task)(alice, alices_key, gateway.add_task(status="completed"))
    async with polling(gateway.url) as loop:
        await until_async(every_task(status="completed"))
        await sync_to_async(make_task)(alice, alices_key, gateway.add_task("amux+stuck"))
        loop.wake()
        assert await until_async(some_task(next_poll_at__isnull=False, polls__gte=1)) < 0.5


async def test_it_does_not_let_a_slow_task_hold_up_the_others(
    gateway: Gateway, alice: User, alices_key: ApiKey
) -> None:
    slow = await sync_to_async(gateway.add_task)("amux+stuck")
    quick = await sync_to_async(gateway.add_task)("amux+stuck")
    gateway.fault("silent", task=slow)
    for upstream_id in (slow, quick):
        await sync_to_async(make_task)(alice, alices_key, upstream_id)
    async with polling(gateway.url):
        await until_async(some_task(upstream_id=quick, polls__gte=5), within=3)
    assert await sync_to_async(Task.objects.get)(upstream_id=slow, polls=0)


async def test_it_gives_its_claims_back_when_it_stops(gateway: Gateway, alice: User, alices_key: ApiKey) -> None:
    gateway.fault("silent")
    await sync_to_async(tracked)(gateway, alice, alices_key, 20)
    async with polling(gateway.url) as loop:
        await until_async(sync_to_async(lambda: loop.in_flight == 20))
    now = timezone.now()
    assert await sync_to_async(Task.objects.due(now).count)() == 20


async def test_it_says_that_the_gateway_is_unreachable_and_recovers(
    gateway: Gateway, alice: User, alices_key: ApiKey
) -> None:
    await sync_to_async(tracked)(gateway, alice, alices_key, 8, queued_for=0.1, running_for=600)
    async with polling(gateway.url):
        await until_async(every_task(condition="", status="in_progress"))
        fault = await sync_to_async(gateway.fault)("http-503")
        await until_async(every_task(condition="unreachable"))
        await sync_to_async(gateway.lift)(fault)
        await until_async(every_task(condition="", status="in_progress"), within=20)


async def test_it_says_that_the_address_is_not_a_gateways(gateway: Gateway, alice: User, alices_key: ApiKey) -> None:
    gateway.fault("html-200")
    await sync_to_async(tracked)(gateway, alice, alices_key, 5)
    async with polling(gateway.url):
        await until_async(every_task(condition="misconfigured"))


async def test_it_survives_a_poll_that_breaks_it(gateway: Gateway, alice: User, alices_key: ApiKey) -> None:
    good = await sync_to_async(gateway.add_task)("amux", status="completed")
    await sync_to_async(make_task)(alice, alices_key, "no way to ask for this")
    await sync_to_async(make_task)(alice, alices_key, good)
    async with polling(gateway.url):
        await until_async(some_task(upstream_id=good, status="completed"))
        await until_async(some_task(upstream_id="no way to ask for this", failures__gte=1))


async def test_it_shares_the_work_with_another_loop(gateway: Gateway, alice: User, alices_key: ApiKey) -> None:
    gateway.fault("delay", settings={"seconds": 0.05})
    outcomes = await sync_to_async(tracked)(gateway, alice, alices_key, 40, queued_for=0.3, running_for=0.6)
    async with polling(gateway.url), polling(gateway.url):
        await until_async(every_task(next_poll_at=None))
    assert await sync_to_async(ended)() == outcomes
    assert closest(gateway.log(call="status")) > 0.05


async def test_it_is_not_kept_from_polling_by_a_wake_up_storm(
    gateway: Gateway, alice: User, alices_key: ApiKey
) -> None:
    await sync_to_async(tracked)(gateway, alice, alices_key, 8, queued_for=0.1, running_for=0.3)
    async with polling(gateway.url) as loop:
        for _ in range(500):
            loop.wake()
            await asyncio.sleep(0)
        await until_async(every_task(next_poll_at=None))
