"""A server with live streams in this process, its members, and changes to their tasks."""

import asyncio
import inspect
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from dashboard.accounts.models import User
from dashboard.live.hub import hub
from dashboard.runtime import server as product
from dashboard.tasks import writes
from dashboard.tasks.models import Task, TaskEvent
from tests.support.event_source import Stream
from tests.support.in_process import port_of, running_server
from tests.support.tasks import store_task
from tests.support.wait import until

Listen = Callable[..., Stream]


@pytest.fixture
def alice(transactional_db: None) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def bob(transactional_db: None) -> User:
    return User.objects.create_user("bob")


@pytest.fixture
def admin(transactional_db: None) -> User:
    return User.objects.create_user("admin", is_staff=True)


def new_task(owner: User, **fields: Any) -> Task:
    task = store_task(owner=owner, upstream_id=f"task-{uuid.uuid4()}", **fields)
    writes.record_events([writes.event_of(task, TaskEvent.Kind.CREATED)])
    return task


def relabel(task: Task, label: str) -> int:
    """Changes the task and returns the change's cursor."""
    assert writes.update_task(task, TaskEvent.Kind.LABEL, label=label)
    return TaskEvent.objects.last_cursor()


def delete(task: Task) -> None:
    event = writes.event_of(task, TaskEvent.Kind.DELETED)
    event.version += 1
    task.delete()
    writes.record_events([event])


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


@pytest.fixture
def server(transactional_db: None, settings: Settings) -> Iterator[product.Server]:
    """The product's server and lifespan without a poller, in a thread, with the tests' database."""
    settings.POLLER = "separate"
    with running_server() as running:
        yield running


@pytest.fixture
def port(server: product.Server) -> int:
    return port_of(server)


def read_by_hub(cursor: int) -> int:
    """Waits until the hub has read up to `cursor`, and returns it."""
    until(lambda: hub.cursor == cursor)
    return cursor


def in_loop(work: Callable[[], Any]) -> Any:
    """Runs `work` in the server's loop, awaits its result if necessary, and returns that."""

    async def run() -> Any:
        made = work()
        return await made if inspect.isawaitable(made) else made

    return asyncio.run_coroutine_threadsafe(run(), hub.loop).result(10)


@pytest.fixture
def listen(port: int) -> Iterator[Listen]:
    """Opens a stream for a user. By default, returns after its first tick, when it is caught up."""
    streams: list[Stream] = []

    def opened(user: User, since: int | str = "", *, caught_up: bool = True, **options: Any) -> Stream:
        if since == "":
            read_by_hub(TaskEvent.objects.last_cursor())  # otherwise the stream would also get earlier changes
        query = f"?since={since}" if since != "" else ""
        streams.append(Stream(port, {"Cookie": cookie_of(user)}, f"/events{query}", **options))
        if caught_up:
            streams[-1].wait_for("tick")
        return streams[-1]

    yield opened
    for stream in streams:
        stream.close()
