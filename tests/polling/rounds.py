"""One round of polling at a time, at a time that the test chooses, with a handler function as the gateway."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import httpx

from dashboard.polling import leases, write_back
from dashboard.polling.polls import Poll, SecretCache, poll_task
from dashboard.polling.schedule import PollConfig
from dashboard.tasks.models import Task, TaskEvent
from dashboard.tasks.writes import WriteStats
from dashboard.upstream.client import Client

Handler = Callable[[httpx.Request], httpx.Response]
PLAN = PollConfig(every=5.0, deadline=600.0)


def answer(status: str = "in_progress", **fields: object) -> Handler:
    """A gateway that gives the same answer for every task, in the documented format."""

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"task_id": task_id(request), "status": status, **fields})

    return handler


def refusal(status: int = 401, text: str = "Invalid token", **headers: str) -> Handler:
    body = json.dumps({"error": {"message": text, "type": "invalid_request_error", "code": "refused"}})
    json_type = {"content-type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return lambda request: httpx.Response(status, content=body, headers=json_type)


def task_id(request: httpx.Request) -> str:
    return request.url.path.rpartition("/")[2]


async def _ask_all(handler: Handler, tasks: list[Task], now: datetime) -> list[Poll]:
    gateway = Client("http://127.0.0.1:1", transport=httpx.MockTransport(handler))
    secrets = SecretCache()
    try:
        return [*await asyncio.gather(*(poll_task(gateway, task, secrets, lambda: now) for task in tasks))]
    finally:
        await gateway.aclose()


def asked(handler: Handler, now: datetime) -> list[Poll]:
    """Claims the due tasks and polls them; nothing is written back yet."""
    claimed = leases.claim_due(100, now).claimed
    return asyncio.run(_ask_all(handler, claimed, now)) if claimed else []


def written_back(polls: list[Poll], now: datetime) -> WriteStats:
    return write_back.write_back(polls, PLAN, now, Random(1))


def poll(handler: Handler, now: datetime) -> list[Poll]:
    """Runs a whole round."""
    polls = asked(handler, now)
    if polls:
        written_back(polls, now)
    return polls


def seconds_to_next(task: Task, now: datetime) -> float:
    task.refresh_from_db()
    assert task.next_poll_at is not None
    return (task.next_poll_at - now).total_seconds()


def events_of(task: Task) -> list[tuple[int, str]]:
    return [*TaskEvent.objects.of_task(task.pk).values_list("version", "kind")]


def at(task: Task, seconds: float) -> datetime:
    """Returns the time that many seconds after the task was created."""
    return task.created_at + timedelta(seconds=seconds)
