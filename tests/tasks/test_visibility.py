"""Who may see and change a task: one rule for rows, queries, links and streams."""

import re
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.tasks import visibility
from dashboard.tasks.models import Task, TaskEvent

DASHBOARD = Path(__file__).resolve().parents[2] / "dashboard"
FOLDERS = ("tasks", "sharing", "live", "content", "archive", "videos", "polling", "health")
# A stream stores whether its viewer is an admin, which the rule needs.
ASKS = {"tasks/visibility.py", "live/viewers.py"}


@pytest.fixture(params=["private", "team"])
def mode(request: pytest.FixtureRequest, settings: Settings) -> str:
    settings.VISIBILITY = request.param
    return str(request.param)


@pytest.mark.usefixtures("mode")
def test_a_row_and_a_query_agree_on_who_sees_it(alices_task: Task, alice: User, bob: User, ada: User) -> None:
    for viewer in (alice, bob, ada):
        seen = visibility.can_see(viewer, alices_task.owner_id)
        assert Task.objects.visible_to(viewer).exists() == seen
        assert TaskEvent.objects.visible_to(viewer).exists() == seen


def test_only_a_team_shows_it_to_strangers(mode: str, alices_task: Task, bob: User) -> None:
    assert Task.objects.visible_to(bob).exists() == (mode == "team")


@pytest.mark.usefixtures("mode")
def test_a_row_and_a_query_agree_on_who_changes_it(alices_task: Task, alice: User, bob: User, ada: User) -> None:
    for viewer, may in ((alice, True), (bob, False), (ada, True)):
        assert visibility.can_edit(viewer, alices_task.owner_id) == may
        assert Task.objects.editable_by(viewer).exists() == may


@pytest.mark.usefixtures("mode")
def test_a_stream_resumes_at_an_event_of_somebody_else(alices_task: Task, bob: User) -> None:
    cursor = TaskEvent.objects.last_cursor()
    assert [event.pk for event in TaskEvent.objects.resume(bob, cursor)] == [cursor]


def test_the_rule_is_spelled_nowhere_else() -> None:
    words = re.compile(r"\b(is_admin|is_staff|VISIBILITY)\b")
    spelled = {
        path.relative_to(DASHBOARD).as_posix()
        for folder in FOLDERS
        for path in (DASHBOARD / folder).rglob("*.py")
        if words.search(path.read_text())
    }
    assert spelled == ASKS
