"""Work on many tasks does not load the gateway's answers, of up to 64 kB each, into memory."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.keys import actions as key_actions
from dashboard.live import event_reader
from dashboard.live.registry import everyone
from dashboard.live.viewers import StreamViewer
from dashboard.polling import leases
from dashboard.tasks import actions, submission
from dashboard.tasks.models import Task, TaskEvent
from dashboard.upstream.secret import Secret
from tests.support.cast import signed_in
from tests.support.tasks import store_task

ALL = {"all": "on"}


@pytest.fixture
def owner(db: None) -> User:
    """Three tasks, one of them due, one an interrupted submission, each with a large answer."""
    owner = User.objects.create_user("owner")
    key = key_actions.add(owner, "mine", Secret("sk-owner-0000000001111"))
    for number in range(2):
        actions.track(owner, key, f"task-{number}")
    long_ago = timezone.now() - submission.SUBMISSION_TIMEOUT * 2
    store_task(owner=owner, key=key, condition="submitting", created_at=long_ago)
    Task.objects.update(raw="x" * 60_000)
    return owner


def tag(browser: Client) -> object:
    return browser.post("/tasks/bulk/tag", {**ALL, "new_tag": "Take two"})


def ask_to_delete(browser: Client) -> object:
    return browser.post("/tasks/bulk/delete", ALL)


def delete(browser: Client) -> object:
    return browser.post("/tasks/bulk/delete", {**ALL, "confirmed": "on"})


def share(browser: Client) -> object:
    return browser.post("/tasks/bulk/share", ALL)


def track_again(browser: Client) -> object:
    return browser.post("/tasks/track", {"task_ids": "task-0\ntask-1"})


def board(browser: Client) -> object:
    return browser.get("/?q=task")


def stream(_: Client) -> object:
    return event_reader.page_after(0, everyone())


def replay(_: Client) -> object:
    user, first = User.objects.get(), TaskEvent.objects.order_by("pk").values_list("pk", flat=True)[0]
    return event_reader.replay(StreamViewer(user.pk, False, "s", "h"), first, first + 5)


def poll(_: Client) -> object:
    return leases.claim(10, timezone.now())


def mark_interrupted(_: Client) -> object:
    return submission.mark_interrupted()


WORK = [tag, ask_to_delete, delete, share, track_again, board, stream, replay, poll, mark_interrupted]


@pytest.mark.parametrize("work", WORK)
def test_it_leaves_the_answers_where_they_are(owner: User, work: Callable[[Client], object]) -> None:
    browser = signed_in(owner)
    with CaptureQueriesContext(connection) as queries:
        assert work(browser)
    reads = [query["sql"] for query in queries if query["sql"].startswith("SELECT") and '"task"' in query["sql"]]
    assert reads
    assert [sql for sql in reads if '"task"."raw"' in sql or '"task"."params"' in sql] == []
