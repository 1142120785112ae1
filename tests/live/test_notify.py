"""Notifications after a commit say that something changed, and nothing else."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer

from dashboard import notify
from dashboard.accounts.models import User
from dashboard.cancellation import cancel_and_wait
from tests.live.conftest import new_task

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_notification_carries_no_ids(alice: User) -> None:
    layer = get_channel_layer()
    assert layer is not None
    channel = await layer.new_channel()
    await layer.group_add(notify.GROUP, channel)
    notifier = notify.Notifier()
    notify.set_notifier(notifier)
    running = asyncio.create_task(notifier.run())
    await sync_to_async(new_task)(alice)
    assert await asyncio.wait_for(layer.receive(channel), 60) == {"type": notify.CHANGED}
    await cancel_and_wait(running)
    notify.set_notifier(None)
