"""The fragment that the board shows above itself for one task."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.tasks.models import Task
from tests.support.cast import make_task


def theater(client: Client, task: Task, query: str = "?board=") -> str:
    response = client.get(f"/tasks/{task.pk}/theater{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_it_has_player_state_and_actions_but_no_page(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    html = theater(as_alice, make_task(alice, alices_key, status="completed", prompt="A fox", fps=24))
    assert "<html" not in html
    assert 'data-title="A fox"' in html
    assert 'fps="24"' in html
    for part in ('id="task-player"', 'id="task-state"', 'id="task-actions"', "Copy link to this moment"):
        assert part in html


@pytest.mark.parametrize(("status", "words"), [("failed", "No video"), ("in_progress", "Generating")])
def test_a_task_without_a_video_says_so(
    as_alice: Client, alice: User, alices_key: ApiKey, status: str, words: str
) -> None:
    html = theater(as_alice, make_task(alice, alices_key, status=status))
    assert words in html
    assert "<video\n" not in html


def test_the_neighbors_are_those_of_the_filter(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    begun = timezone.now() - timedelta(days=1)
    first, between, last = (
        make_task(alice, alices_key, status=status, created_at=begun + timedelta(minutes=minute))
        for minute, status in enumerate(["completed", "failed", "completed"])
    )
    html = theater(as_alice, last, "?board=status%3Dcompleted")
    assert f'href="/tasks/{first.pk}?board=status%3Dcompleted"' in html
    assert str(between.pk) not in html


def test_a_missing_video_of_it_is_not_found(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    task = make_task(alice, alices_key, status="completed")
    assert as_alice.get(f"/tasks/{task.pk}/theater?video=7").status_code == 404
