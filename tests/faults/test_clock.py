"""The clock of a poller's machine jumps: no task waits long because of it, and the gateway is not flooded."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.polling.schedule import PollConfig
from dashboard.tasks.models import Task
from tests.polling.loops import every_task, polling
from tests.support.cast import make_task
from tests.support.gateway import Gateway
from tests.support.wait import until_async

TASKS = 10
PLAN = PollConfig(every=0.5)
WATCHED = 3.0  # seconds after the jump
LOOK = 1.0  # at most this many seconds until a jump is noticed
BUSY = 1.0  # seconds that this machine may be late


def stuck(gateway: Gateway, owner: User, key: ApiKey) -> None:
    later = timezone.now() + timedelta(days=30)  # so that the jump makes no task overdue, which is not tested here
    for _ in range(TASKS):
        make_task(owner, key, gateway.add_task("amux+stuck"), deadline_at=later)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hours", [1, -1, 24, -24])
async def test_it_takes_a_jump_in_its_stride(gateway: Gateway, alice: User, alices_key: ApiKey, hours: int) -> None:
    ahead = [timedelta()]
    await sync_to_async(stuck)(gateway, alice, alices_key)
    async with polling(gateway.url, PLAN, now=lambda: timezone.now() + ahead[0]):
        await until_async(every_task(polls=2))
        ahead[0] = timedelta(hours=hours)
        jumped = time.monotonic()
        since = int(str(gateway.log()[-1]["number"]))
        await until_async(sync_to_async(lambda: time.monotonic() > jumped + WATCHED))
        log = gateway.log(call="status", since=since)
        now = timezone.now() + ahead[0]
        leases = await sync_to_async(lambda: Task.objects.filter(lease_until__gt=now + timedelta(seconds=60)).count())()
    polls = Counter(entry["task"] for entry in log)
    first = {entry["task"]: float(str(entry["monotonic"])) for entry in reversed(log)}
    assert len(first) == TASKS
    assert max(first.values()) - jumped < LOOK + 2 * PLAN.every + BUSY
    assert max(polls.values()) <= 1.5 * WATCHED / PLAN.every
    assert leases == 0
