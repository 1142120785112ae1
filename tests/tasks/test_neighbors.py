"""Next and previous on a task's page: within the list that one came from."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.tasks.models import Task
from tests.support.cast import make_task

FROM_BOARD = {"Referer": "http://testserver/"}


@pytest.fixture
def tasks(alice: User, alices_key: ApiKey) -> list[Task]:
    """Oldest first: completed and failed in turns."""
    begun = timezone.now() - timedelta(days=1)
    statuses = ["completed", "failed"] * 2 + ["completed"]
    return [
        make_task(alice, alices_key, status=status, prompt=f"Take {index}", created_at=begun + timedelta(minutes=index))
        for index, status in enumerate(statuses)
    ]


def ways(client: Client, task: Task, query: str = "", **headers: str) -> dict[str, str]:
    """The addresses by `rel`."""
    page = client.get(f"/tasks/{task.pk}{query}", headers=headers).content.decode()
    found = re.findall(r'rel="(prev|next)" href="/tasks/([0-9a-f-]{36})\?board=([^"]*)"', page)
    return {rel: f"{number} {board}" for rel, number, board in found}


def test_the_order_is_that_of_the_board(as_alice: Client, tasks: list[Task]) -> None:
    assert ways(as_alice, tasks[2], **FROM_BOARD) == {"prev": f"{tasks[3].pk} ", "next": f"{tasks[1].pk} "}
    assert ways(as_alice, tasks[4], **FROM_BOARD) == {"next": f"{tasks[3].pk} "}
    assert ways(as_alice, tasks[0], **FROM_BOARD) == {"prev": f"{tasks[1].pk} "}


def test_the_filter_goes_along(as_alice: Client, tasks: list[Task]) -> None:
    from_failed = {"Referer": "http://testserver/?status=failed&q=take"}
    found = ways(as_alice, tasks[3], **from_failed)
    assert found == {"next": f"{tasks[1].pk} status%3Dfailed%26q%3Dtake"}
    assert ways(as_alice, tasks[1], "?board=status%3Dfailed")["prev"].startswith(str(tasks[3].pk))
    page = as_alice.get(f"/tasks/{tasks[3].pk}?board=status%3Dfailed").content.decode()
    assert 'href="/?status=failed"' in page


def test_oldest_first_turns_it_around(as_alice: Client, tasks: list[Task]) -> None:
    found = ways(as_alice, tasks[2], "?board=sort%3Doldest")
    assert [one.split()[0] for one in (found["prev"], found["next"])] == [str(tasks[1].pk), str(tasks[3].pk)]


@pytest.mark.parametrize(
    "referrer", ["", "http://elsewhere.example/", "http://testserver/keys/", "nonsense", "http://["]
)
def test_who_comes_from_elsewhere_has_none(as_alice: Client, tasks: list[Task], referrer: str) -> None:
    assert ways(as_alice, tasks[2], Referer=referrer) == {}


@pytest.mark.parametrize(
    "query", ["?board=%00", "?board=status%3Dnonsense", "?board=" + "x" * 3_000, "?board=owner%3D1"]
)
def test_a_strange_query_is_an_unfiltered_board(as_alice: Client, tasks: list[Task], query: str) -> None:
    assert ways(as_alice, tasks[2], query)["next"].startswith(str(tasks[1].pk))


def test_tasks_of_others_are_no_neighbors(as_bob: Client, bob: User, bobs_key: ApiKey, tasks: list[Task]) -> None:
    task = make_task(bob, bobs_key, created_at=tasks[2].created_at)
    assert ways(as_bob, task, **FROM_BOARD) == {}
