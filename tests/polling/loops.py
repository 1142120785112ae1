"""A running poll loop with the tests' database, and helpers that wait for its results."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from asgiref.sync import sync_to_async
from django.utils import timezone

from dashboard.polling.loop import PollLoop
from dashboard.polling.metrics import PollerMetrics
from dashboard.polling.schedule import PollConfig
from dashboard.tasks.models import Task
from dashboard.upstream.client import Client

QUICK = PollConfig(every=0.2, deadline=60.0)


@asynccontextmanager
async def polling(
    url: str, plan: PollConfig = QUICK, *, total: float = 20.0, now: Callable[[], datetime] = timezone.now
) -> AsyncIterator[PollLoop]:
    """Runs a poll loop. `total`: seconds for one call."""
    gateway = Client(url, total=total)
    loop = PollLoop(gateway, config=plan, now=now, poll_metrics=PollerMetrics())
    running = asyncio.create_task(loop.run())
    try:
        yield loop
    finally:
        loop.stop()
        await running
        await gateway.aclose()


def every_task(**fields: object) -> Callable[[], Awaitable[bool]]:
    """Returns a check whether all tasks have these values."""
    return sync_to_async(lambda: not Task.objects.exclude(**fields).exists())


def some_task(**fields: object) -> Callable[[], Awaitable[bool]]:
    return sync_to_async(lambda: Task.objects.filter(**fields).exists())
