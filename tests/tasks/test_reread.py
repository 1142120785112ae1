"""`manage.py reread` parses stored answers again."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.tasks.models import Task, TaskEvent
from tests.support.cast import make_task
from tests.support.tasks import video_of

URL = "https://files.example/v.mp4"


@pytest.fixture
def tasks(alice: User, alices_key: ApiKey) -> dict[str, Task]:
    """One task of each kind, as an older version stored it."""
    now = timezone.now()
    ended = {"status": "completed", "finished_at": now, "next_poll_at": None}
    failed = {"status": "failed", "finished_at": now, "next_poll_at": None}

    def task(name: str, raw: object, **fields: object) -> Task:
        kept = raw if isinstance(raw, str) else json.dumps(raw)
        return make_task(alice, alices_key, name, raw=kept, raw_http_status=200, raw_at=now, **fields)

    return {
        "envelope": task("envelope", {"status": "success", "data": {"status": "processing"}}, **ended),
        "call": task("call", {"code": 0, "status": "success", "data": {}}, **ended),
        "open": task("open", {"id": "open", "status": "succeed", "url": URL}, status="in_progress"),
        "lost": task("lost", {"id": "lost", "status": "completed", "output": [URL]}, **ended),
        "words": task("words", {"id": "words", "status": "failed", "detail": [{"msg": "no"}]}, **failed),
        "right": task("right", {"id": "right", "status": "completed", "url": URL}, url=URL, **ended),
        "cut": task("cut", '{"id": "cut", "status": "comp', **ended),
    }


def reread(*arguments: str) -> str:
    out = StringIO()
    call_command("reread", *arguments, stdout=out)
    return out.getvalue()


def test_it_only_shows_what_would_change(tasks: dict[str, Task]) -> None:
    shown = reread()
    assert shown.endswith("5 tasks would change (--apply changes them).\n")
    assert "envelope: status 'completed' -> 'in_progress'" in shown
    assert Task.objects.filter(status="completed").count() == 5
    assert not TaskEvent.objects.exclude(kind="created").exists()


def test_it_changes_them_once(tasks: dict[str, Task]) -> None:
    assert reread("--apply").endswith("5 tasks changed.\n")
    found = {task.upstream_id: task for task in Task.objects.all()}
    assert {name: task.status for name, task in found.items()} == {
        "envelope": "in_progress",
        "call": "queued",
        "open": "completed",
        "lost": "completed",
        "words": "failed",
        "right": "completed",
        "cut": "completed",
    }
    assert {name for name, task in found.items() if task.next_poll_at} == {"envelope", "call"}
    assert (video_of(found["open"]).url, video_of(found["lost"]).url, found["words"].error_message) == (URL, URL, "no")
    assert TaskEvent.objects.exclude(kind="created").count() == 5
    assert reread("--apply").endswith("0 tasks changed.\n")
