"""A page that is left open requests updates by itself; these requests don't extend the session."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse

from dashboard.accounts import sessions
from dashboard.accounts.models import User
from dashboard.sharing import actions as sharing_actions
from dashboard.tasks.models import Task
from tests.accounts.test_sessions import HOUR, ends_in, is_in, passes

WITHOUT_PICTURES = {"poster", "storyboard", "shared_poster", "shared_storyboard"}  # the task has none
AUTOMATIC = {"HX-Request": "true", "X-Background": "true"}


@pytest.fixture
def paths(alices_task: Task, alice: User) -> dict[str, str]:
    _, token = sharing_actions.share(alices_task, alice)
    task = {"task_id": alices_task.pk}
    return {
        "shared_state": reverse("shared_state", args=[token]),
        "shared_content": reverse("shared_content", args=[token]),
        "task_state": reverse("task_state", kwargs=task),
        "task_player": reverse("task_player", kwargs=task),
        "content": reverse("content", kwargs=task),
        **{name: reverse(name, kwargs=task) for name in ("poster", "storyboard")},
        **{name: reverse(name, args=[token]) for name in ("shared_poster", "shared_storyboard")},
    }


@pytest.mark.parametrize("name", sorted(sessions.BACKGROUND))
def test_what_a_page_asks_for_by_itself_keeps_no_session(name: str, paths: dict[str, str], as_alice: Client) -> None:
    passes(as_alice, 11 * HOUR)
    answer = as_alice.get(paths[name], headers={"HX-Request": "true"})
    assert answer.status_code in (200, 409) or (answer.status_code == 404 and name in WITHOUT_PICTURES)
    assert ends_in(as_alice) == pytest.approx(HOUR, abs=60)
    assert settings.SESSION_COOKIE_NAME not in answer.cookies


def test_a_shared_running_task_lets_the_session_end(paths: dict[str, str], as_alice: Client) -> None:
    for _ in range(12):
        as_alice.get(paths["shared_state"])
        passes(as_alice, HOUR)
    assert as_alice.get(paths["shared_state"]).status_code == 302
    assert not is_in(as_alice)


def test_the_board_that_refreshes_itself_keeps_no_session(as_alice: Client) -> None:
    passes(as_alice, 11 * HOUR)
    as_alice.get("/", headers=AUTOMATIC)
    assert ends_in(as_alice) == pytest.approx(HOUR, abs=60)


def test_what_a_member_does_on_the_board_keeps_it(as_alice: Client) -> None:
    passes(as_alice, 11 * HOUR)
    as_alice.get("/?status=failed", headers={"HX-Request": "true"})
    assert ends_in(as_alice) == pytest.approx(12 * HOUR, abs=60)


def test_what_changes_something_is_use_whatever_it_says(as_alice: Client) -> None:
    passes(as_alice, 11 * HOUR)
    as_alice.post("/tasks/track", {"task_ids": ""}, headers=AUTOMATIC)
    assert ends_in(as_alice) == pytest.approx(12 * HOUR, abs=60)


def test_a_session_that_is_saved_in_the_background_ends_no_later(as_alice: Client, paths: dict[str, str]) -> None:
    passes(as_alice, 11 * HOUR)
    session = as_alice.session
    sessions.limit(session, is_use=False)
    session["something"] = 1
    session.save()
    assert ends_in(as_alice) == pytest.approx(HOUR, abs=60)


def test_every_address_in_the_list_exists() -> None:
    assert all(get_resolver().reverse_dict.getlist(name) for name in sessions.BACKGROUND)


def test_our_scripts_say_so_in_every_request_of_their_own() -> None:
    """The stream's probe never reaches the sessions, and a player's requests are in the list."""
    for path in Path(settings.BASE_DIR, "static/js").rglob("*.js"):
        for call in re.findall(r"\bfetch\((?!src|\))[^;]*;", path.read_text()):
            is_probe = path.name == "reconnecting-event-source.js"
            is_act = path.name == "theater.js"  # a member opened a video
            assert "X-Background" in call or is_probe or is_act, path


def test_polling_templates_ask_only_for_what_is_in_the_list() -> None:
    for path in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        for tag in re.findall(r'hx-get="\{% url \'(\w+)\'[^>]*hx-trigger="every', path.read_text()):
            assert tag in sessions.BACKGROUND, path
