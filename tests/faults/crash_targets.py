"""The pollers and submissions to kill, run in forked children."""

import asyncio
import signal
from uuid import UUID

import uvloop
from django.conf import settings

from dashboard import notify
from dashboard.accounts.models import User
from dashboard.cancellation import cancel_and_wait
from dashboard.keys.models import ApiKey
from dashboard.polling.loop import PollLoop
from dashboard.polling.maintenance import Maintenance
from dashboard.polling.schedule import PollConfig
from dashboard.tasks import submission
from dashboard.upstream.client import Client

PLAN = PollConfig(every=0.4, lease=1.5)
LONGEST_POLL = 1.0  # seconds; shorter than the lease, as in the product


def poll(failpoint: str = "") -> None:
    """Polls until SIGTERM or the failpoint."""
    settings.FAILPOINT = failpoint
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_poll())


async def _poll() -> None:
    notifier = notify.Notifier()
    notify.set_notifier(notifier)
    beside = [asyncio.create_task(notifier.run()), asyncio.create_task(Maintenance().run())]
    gateway = Client(settings.AMUX_BASE_URL, total=LONGEST_POLL)
    loop = PollLoop(gateway, config=PLAN)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, loop.stop)
    await loop.run()
    await cancel_and_wait(*beside)
    await gateway.aclose()


def submit(number: UUID, model: str, failpoint: str = "") -> None:
    """Submits as the form with this idempotency key does."""
    settings.FAILPOINT = failpoint
    payload: dict[str, object] = {"model": model, "prompt": prompt_of(number)}
    key = ApiKey.objects.get(owner__username="alice")
    submission.submit(User.objects.get(username="alice"), submission.Submission(number, key, payload, payload))


def prompt_of(number: UUID) -> str:
    return f"Order {number}"
