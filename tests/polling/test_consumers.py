"""The poller as a consumer: how it is started, woken and stopped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.polling.models import PollerHeartbeat
from dashboard.runtime.jobs import JOBS, Role
from dashboard.runtime.process import Process
from dashboard.tasks import actions
from dashboard.tasks.models import Task
from tests.polling.loops import every_task, some_task
from tests.support.cast import make_task
from tests.support.gateway import Gateway
from tests.support.wait import until_async

pytestmark = pytest.mark.django_db(transaction=True)


@asynccontextmanager
async def running_poller() -> AsyncIterator[Process]:
    """As under `runworker`, without the archiver."""
    process = Process(Role.POLLER, [spec for spec in JOBS if spec.name != "archiver"])
    await process.start()
    try:
        yield process
    finally:
        await process.stop()


@pytest.fixture(autouse=True)
def quick(settings: Settings, gateway: Gateway) -> None:
    settings.AMUX_BASE_URL = gateway.url
    settings.POLL_EVERY = 0.2


async def test_it_brings_a_task_to_its_end(gateway: Gateway, alice: User, alices_key: ApiKey) -> None:
    upstream_id = gateway.add_task(queued_for=0.1, running_for=0.3)
    await sync_to_async(make_task)(alice, alices_key, upstream_id)
    async with running_poller():
        await until_async(every_task(status="completed"))


async def test_it_is_woken_by_what_a_member_tracks(gateway: Gateway, alice: User, alices_key: ApiKey) -> None:
    async with running_poller():
        await until_async(sync_to_async(PollerHeartbeat.objects.exists))
        await asyncio.sleep(0)
        await sync_to_async(actions.track)(alice, alices_key, gateway.add_task(status="completed"))
        assert await until_async(some_task(status="completed")) < 0.6


async def test_it_resumes_suspended_tasks_when_woken(gateway: Gateway, alice: User, alices_key: ApiKey) -> None:
    upstream_id = gateway.add_task(status="completed")
    suspended = {"condition": "key_refused", "next_poll_at": None}
    await sync_to_async(make_task)(alice, alices_key, upstream_id, **suspended)
    async with running_poller():
        await until_async(every_task(status="completed"))


async def test_it_leaves_nothing_running_and_nothing_claimed(gateway: Gateway, alice: User, alices_key: ApiKey) -> None:
    gateway.fault("silent")
    await sync_to_async(make_task)(alice, alices_key, gateway.add_task("amux+stuck"))
    before = our_tasks()
    async with running_poller():
        await until_async(sync_to_async(Task.objects.exclude(lease_token=None).exists))
    assert await sync_to_async(Task.objects.due(timezone.now()).count)() == 1
    assert our_tasks() == before


def our_tasks() -> set[asyncio.Task[object]]:
    """Without the tasks that the Redis channel layer runs for as long as the loop."""
    return {task for task in asyncio.all_tasks() if "RedisSingleShard" not in repr(task)}


async def test_it_starts_again_when_the_loop_breaks_down(
    gateway: Gateway, alice: User, alices_key: ApiKey, settings: Settings
) -> None:
    await sync_to_async(make_task)(alice, alices_key, gateway.add_task(status="completed"))
    settings.FAILPOINT = "before_claim:raise"
    async with running_poller() as process:
        await until_async(sync_to_async(lambda: process.report()["poll loop"]["crashes"] > 0))
        settings.FAILPOINT = ""
        await until_async(every_task(status="completed"))


async def test_it_takes_no_notice_of_a_message_it_does_not_know(
    gateway: Gateway, alice: User, alices_key: ApiKey
) -> None:
    async with running_poller() as process:
        process.parts.worker.send_message({"type": "poller.dance"})
        await sync_to_async(make_task)(alice, alices_key, gateway.add_task(status="completed"))
        await until_async(every_task(status="completed"))


async def test_it_polls_while_the_channel_layer_is_down(
    gateway: Gateway, alice: User, alices_key: ApiKey, settings: Settings, tmp_path: Path
) -> None:
    config = {"hosts": [f"unix://{tmp_path}/nothing-listens-here"]}
    settings.CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": config}
    }
    await sync_to_async(make_task)(alice, alices_key, gateway.add_task(queued_for=0, running_for=0.5))
    async with running_poller():
        await until_async(every_task(status="completed"))
