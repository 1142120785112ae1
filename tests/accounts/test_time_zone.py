"""The time zone that a member chooses, for times that are formatted on the server."""

import ast
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.accounts import member_time_zone
from dashboard.accounts.models import User
from dashboard.live import event_reader
from dashboard.live.registry import Audience
from dashboard.tasks import writes
from dashboard.tasks.models import Task, TaskEvent
from tests.support.cast import PASSWORD
from tests.support.processes import ROOT

NIGHT = datetime(2026, 11, 3, 22, 5, tzinfo=UTC)
UTC_TEXT, SHANGHAI_TEXT = "3 Nov 2026, 22:05 UTC<", "4 Nov 2026, 06:05 UTC+8<"


@pytest.fixture
def old_task(alices_task: Task) -> Task:
    Task.objects.update(created_at=NIGHT)
    return alices_task


def choose(client: Client, name: str) -> int:
    return client.post("/profile", {"full_name": "", "email": "", "theme": "", "time_zone": name}).status_code


def board(client: Client) -> str:
    return client.get("/").content.decode()


def test_without_a_choice_times_are_in_utc(as_alice: Client, old_task: Task) -> None:
    assert UTC_TEXT in board(as_alice)


def test_times_are_in_the_members_time_zone(as_alice: Client, alice: User, old_task: Task) -> None:
    assert choose(as_alice, "Asia/Shanghai") == 302
    alice.refresh_from_db()
    assert alice.time_zone == "Asia/Shanghai"
    page = board(as_alice)
    assert f'datetime="2026-11-03T22:05:00+00:00">{SHANGHAI_TEXT}' in page
    assert UTC_TEXT not in page
    assert timezone.get_current_timezone_name() == "UTC"


def test_it_is_taken_back(as_alice: Client, alice: User, old_task: Task) -> None:
    choose(as_alice, "Asia/Shanghai")
    assert choose(as_alice, "") == 302
    alice.refresh_from_db()
    assert alice.time_zone is None
    assert UTC_TEXT in board(as_alice)


def test_it_goes_along_to_other_browsers_and_not_to_the_next_member(alice: User, bob: User, old_task: Task) -> None:
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Shanghai")
    browser = Client()
    browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert SHANGHAI_TEXT in board(browser)
    browser.post("/accounts/logout/")
    browser.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    assert browser.session.get(member_time_zone.SESSION_KEY) is None


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "US/Eastern", "Etc/GMT+5"])
def test_an_unknown_one_is_refused(as_alice: Client, alice: User, name: str) -> None:
    assert choose(as_alice, name) == 422
    alice.refresh_from_db()
    assert alice.time_zone is None


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "/etc/passwd"])
def test_one_that_the_system_no_longer_knows_is_utc(as_alice: Client, alice: User, old_task: Task, name: str) -> None:
    User.objects.filter(pk=alice.pk).update(time_zone=name)
    browser = Client()
    browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert UTC_TEXT in board(browser)


def test_rows_of_streams_are_in_utc(old_task: Task) -> None:
    """They are rendered once for all members, and each browser writes its own time."""
    audience = Audience(owners=frozenset({old_task.owner_id}), languages=frozenset({"en"}))
    writes.update_task(old_task, TaskEvent.Kind.LABEL, label="Sea")
    with timezone.override("Asia/Shanghai"):
        (change,) = event_reader.page_after(TaskEvent.objects.last_cursor() - 1, audience).changes
    assert UTC_TEXT.encode() in change.for_editors["en"].frame


def test_the_receiver_of_sign_ins_is_there_before_any_page() -> None:
    """Not only once a view has imported it."""
    script = (
        "import django; django.setup(); from django.contrib.auth.signals import user_logged_in; "
        "print(sorted(key[0] for key, *_ in user_logged_in.receivers if isinstance(key[0], str)))"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT, env=env
    )
    assert {"language", "time_zone"} <= set(ast.literal_eval(found.stdout))
