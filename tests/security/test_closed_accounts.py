"""A closed account's key is sent to the gateway only for the tasks that an admin allowed to finish."""

import ast
import asyncio
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from pytest_django.fixtures import Settings

import dashboard
from dashboard.accounts.models import User
from dashboard.tasks.models import Task, Video
from dashboard.videos import files
from tests.archive.conftest import archive_until, archiving_videos, data_dir, tried
from tests.content.conftest import Browser, N, Videoed, alice, bob, browser, known_gateway, server, videoed
from tests.polling.loops import polling, some_task
from tests.support.cast import make_task, member, signed_in
from tests.support.gateway import Gateway
from tests.support.interleave import before_write
from tests.support.wait import until_async

__all__ = ["alice", "bob", "browser", "data_dir", "known_gateway", "server", "videoed"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada(transactional_db: None) -> User:
    return member("ada", is_staff=True)


@pytest.fixture
def as_ada(ada: User) -> Client:
    return signed_in(ada)


@pytest.fixture
def running(gateway: Gateway, videoed: Videoed, alice: User) -> Task:
    """A task half a second before its end."""
    upstream_id = gateway.add_task("amux", video="random", queued_for=0.1, running_for=0.4)
    key = videoed().key
    assert key is not None
    Task.objects.all().delete()
    return make_task(alice, key, upstream_id)


def close(as_ada: Client, user: User, gateway: Gateway, **ticked: str) -> int:
    """Closes the account through the page. Returns the number of the gateway's last request before that."""
    before = [entry["number"] for entry in gateway.log()]
    as_ada.post(f"/people/{user.pk}/active", {"active": "off", "confirmed": "on", **ticked})
    return int(str(max([0, *before])))  # type: ignore[type-var]  # they are numbers


def sent_with_a_key(gateway: Gateway, since: int) -> list[object]:
    return [entry["path"] for entry in gateway.log(since=since) if entry["authorised"]]


async def poll_until(gateway: Gateway, **fields: object) -> None:
    async with polling(gateway.url):
        await until_async(some_task(**fields))


async def watch_and_copy(gateway: Gateway, task: Task) -> None:
    async with polling(gateway.url) as loop, archiving_videos():
        await until_async(some_task(pk=task.pk, videos__kept_at__isnull=False), 30)
        loop.wake()
        await until_async(sync_to_async(lambda: not User.objects.filter(finishing_since__isnull=False).exists()))


def try_everything(as_ada: Client, watcher: Browser, ada: User, gateway: Gateway, task: Task) -> None:
    """Tries every way in which another member could cause the key to be sent."""
    watcher(ada).get(f"/tasks/{task.pk}/content")
    as_ada.post(f"/keys/{task.key_id}/test")
    as_ada.post(f"/keys/{task.key_id}/replace", {"secret": "sk-another-one-0000000000"})
    as_ada.post(f"/tasks/{task.pk}/refresh")
    Task.objects.filter(pk=task.pk).update(next_poll_at=task.created_at)  # as after an earlier refresh
    asyncio.run(poll_until(gateway, pk=task.pk, next_poll_at=None))


def test_it_is_not_sent_again_when_nothing_is_to_go_on(
    as_ada: Client, ada: User, alice: User, running: Task, videoed: Videoed, gateway: Gateway, browser: Browser
) -> None:
    finished = videoed(key=running.key)
    since = close(as_ada, alice, gateway)
    asyncio.run(poll_until(gateway, pk=running.pk, condition="no_key"))
    asyncio.run(archive_until(tried(finished)))
    try_everything(as_ada, browser, ada, gateway, finished)
    assert sent_with_a_key(gateway, since) == []


def test_running_tasks_are_watched_and_copied_and_then_nothing(
    as_ada: Client, ada: User, alice: User, running: Task, gateway: Gateway, browser: Browser
) -> None:
    since = close(as_ada, alice, gateway, finish="on")
    asyncio.run(watch_and_copy(gateway, running))
    assert len(sent_with_a_key(gateway, since)) > 1
    last = int(str(gateway.log()[-1]["number"]))
    assert len(browser(ada).get(f"/tasks/{running.pk}/content").content) == N
    files.remove(running.pk)
    Video.objects.update(url="")
    Video.objects.update(next_try_at=running.created_at)
    try_everything(as_ada, browser, ada, gateway, running)
    asyncio.run(archive_until(tried(running)))
    assert sent_with_a_key(gateway, last) == []


def test_nothing_is_sent_for_who_plays_where_no_copies_are_kept(
    as_ada: Client, ada: User, alice: User, running: Task, gateway: Gateway, browser: Browser, settings: Settings
) -> None:
    settings.ARCHIVE = False
    close(as_ada, alice, gateway, finish="on")
    asyncio.run(poll_until(gateway, pk=running.pk, status="completed"))
    last = int(str(gateway.log()[-1]["number"]))
    try_everything(as_ada, browser, ada, gateway, running)
    Video.objects.update(url="")
    assert browser(ada).get(f"/tasks/{running.pk}/content").status_code == 502
    assert sent_with_a_key(gateway, last) == []


def test_playing_is_no_part_of_what_goes_on(
    as_ada: Client, ada: User, alice: User, running: Task, videoed: Videoed, gateway: Gateway, browser: Browser
) -> None:
    finished = videoed(key=running.key)
    since = close(as_ada, alice, gateway, finish="on")
    assert browser(ada).get(f"/tasks/{finished.pk}/content").status_code == 502
    assert sent_with_a_key(gateway, since) == []


def test_it_starts_no_video_for_an_account_that_is_closed_meanwhile(
    alice: User, running: Task, gateway: Gateway
) -> None:
    as_alice = signed_in(alice)
    number = as_alice.get("/tasks/create").context["form"]["number"].value()
    form = {"number": number, "model": "amux", "prompt": "x", "key": str(running.key_id)}
    with before_write(lambda: User.objects.filter(pk=alice.pk).update(is_active=False)):
        answer = as_alice.post("/tasks/create", form)
    assert "account is deactivated" in answer.content.decode()
    assert (gateway.log(), Task.objects.count()) == ([], 1)


def test_nobody_else_opens_a_seal() -> None:
    """Only `keys.actions.open_secret` decrypts keys, and `keys.keyring`, which discards the result."""
    root = Path(dashboard.__file__).parent
    callers = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and "unseal" in ast.unparse(node.func):
                callers.add(str(path.relative_to(root)))
    assert callers == {"keys/actions.py", "keys/keyring.py"}
