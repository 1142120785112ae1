"""A claim that took so long that its lease has almost expired: its tasks are not polled."""

import asyncio
from contextlib import ExitStack

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.polling.schedule import PollConfig
from tests.faults.test_locked_database import locked
from tests.polling.loops import every_task, polling
from tests.polling.test_loop import closest
from tests.support.cast import make_task
from tests.support.gateway import Gateway
from tests.support.wait import until_async

PLAN = PollConfig(every=1.0, lease=1.0)
LOCKED = 1.2  # seconds, longer than the lease


@pytest.mark.django_db(transaction=True)
async def test_it_does_not_ask_with_a_lease_that_is_over(gateway: Gateway, alice: User, alices_key: ApiKey) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite")
    gateway.fault("delay", settings={"seconds": 0.3})
    for _ in range(5):
        await sync_to_async(make_task)(alice, alices_key, gateway.add_task("amux+stuck"))
    holding = ExitStack()
    holding.enter_context(locked(connection.settings_dict["NAME"]))
    async with polling(gateway.url, PLAN):
        await asyncio.sleep(LOCKED)  # the first claim waits in the meantime
        holding.close()
        await until_async(every_task(polls=2))
    assert closest(gateway.log(call="status")) > 0.5
