"""A completed task whose video no longer exists says so, offers no download, and looks for it again on request."""

import pytest
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.sharing import actions as sharing
from dashboard.tasks import answer_fields, writes
from dashboard.tasks.models import Task, TaskEvent, Video
from dashboard.upstream.answers import parse
from dashboard.upstream.errors import RawAnswer
from tests.content.conftest import Browser, Videoed
from tests.support.gateway import Gateway
from tests.support.tasks import video_of

pytestmark = pytest.mark.django_db(transaction=True)
GONE = "The video is gone"


@pytest.fixture
def gone(videoed: Videoed) -> Task:
    task = videoed()
    Video.objects.filter(pk=task.pk).update(copy_state="gone")
    return task


def test_its_row_page_and_link_say_so(browser: Browser, alice: User, bob: User, gone: Task) -> None:
    _, token = sharing.share(gone, alice)
    pages = {
        "/": browser(alice).get("/").text,
        "task": browser(alice).get(f"/tasks/{gone.pk}").text,
        "link": browser(bob).get(f"/s/{token}").text,
    }
    assert {name for name, page in pages.items() if GONE not in page} == set()
    assert {name for name, page in pages.items() if "download=1" in page} == set()


def test_one_of_several_that_is_left_still_plays(browser: Browser, alice: User, gone: Task) -> None:
    Video.objects.create(task=gone, position=2, url="https://files.example/2.mp4")
    assert GONE not in browser(alice).get(f"/tasks/{gone.pk}").text


def test_it_is_there_again_once_somebody_has_played_it(browser: Browser, alice: User, gone: Task) -> None:
    assert browser(alice).get(f"/tasks/{gone.pk}/content").status_code == 200
    assert GONE not in browser(alice).get(f"/tasks/{gone.pk}").text


def test_without_an_archive_whoever_finds_it_gone_marks_it(
    browser: Browser, alice: User, videoed: Videoed, settings: Settings
) -> None:
    settings.ARCHIVE = False
    task = videoed("gone=410", "nourl")
    for _ in range(2):
        assert browser(alice).get(f"/tasks/{task.pk}/content").status_code == 410
    assert GONE in browser(alice).get("/").text
    assert TaskEvent.objects.of_task(task.pk).filter(kind="copy").count() == 1


def test_a_gateway_that_is_down_marks_nothing(
    browser: Browser, alice: User, videoed: Videoed, gateway: Gateway, settings: Settings
) -> None:
    settings.ARCHIVE = False
    task = videoed("nourl")
    gateway.fault("http-503", call="content")
    assert browser(alice).get(f"/tasks/{task.pk}/content").status_code >= 500
    assert video_of(task).copy_state == ""


@pytest.mark.parametrize("fault", ["http-500", "http-429"])
def test_an_address_that_expired_while_the_gateway_could_not_be_asked_marks_nothing(
    browser: Browser, alice: User, videoed: Videoed, gateway: Gateway, settings: Settings, fault: str
) -> None:
    settings.ARCHIVE = False
    task = videoed("gone=404", url=True)
    gateway.advance(3600)
    gateway.fault(fault, "status")
    assert browser(alice).get(f"/tasks/{task.pk}/content").status_code == 410
    assert video_of(task).copy_state == ""


def test_an_address_that_expired_for_good_marks_it(
    browser: Browser, alice: User, videoed: Videoed, gateway: Gateway, settings: Settings
) -> None:
    settings.ARCHIVE = False
    task = videoed("gone=404", url=True)
    gateway.forget_task(task.upstream_id)
    gateway.advance(3600)
    assert browser(alice).get(f"/tasks/{task.pk}/content").status_code == 410
    assert video_of(task).copy_state == "gone"


@pytest.mark.parametrize("word", ["expired", "deleted"])
@pytest.mark.parametrize(("kept", "copy_state"), [(False, "gone"), (True, "kept")])
def test_a_gateway_that_says_so_of_a_finished_task_marks_it(
    videoed: Videoed, word: str, kept: bool, copy_state: str
) -> None:
    task = videoed()
    if kept:
        Video.objects.filter(pk=task.pk).update(copy_state="kept", kept_at=task.created_at)
    answer = parse({"id": task.upstream_id, "status": word}, asked_for=task.upstream_id)
    raw = RawAnswer(200, "application/json", "{}", task.created_at)
    change = answer_fields.apply_answer(task, answer, raw, task.created_at)
    assert bool(change.kind) is not kept
    if change.kind:
        assert writes.apply_change(task, change)
    assert video_of(task).copy_state == copy_state
    task.refresh_from_db()
    assert task.status == "completed"


@pytest.mark.parametrize(
    ("beginning", "kind", "name"),
    [
        (b"GIF89a", "image/gif", "Red fox.gif"),
        (b"\x89PNG\r\n\x1a\n", "image/png", "Red fox.png"),
        (b"RIFF\0\0\0\0WEBPVP8X", "image/webp", "Red fox.webp"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", "Red fox.jpg"),
    ],
)
def test_a_picture_is_a_download_and_no_video(
    browser: Browser, alice: User, videoed: Videoed, gateway: Gateway, beginning: bytes, kind: str, name: str
) -> None:
    picture = beginning + bytes(5_000)
    (gateway.videos_dir / "picture.mp4").write_bytes(picture)
    task, client = videoed(video="picture"), browser(alice)
    for _ in range(2):
        answer = client.get(f"/tasks/{task.pk}/content")
        assert (answer.status_code, "not a video" in answer.text) == (409, True)
        saved = client.get(f"/tasks/{task.pk}/content?download=1")
        assert (saved.status_code, saved.content, saved.headers["Content-Type"]) == (200, picture, kind)
        assert saved.headers["Content-Disposition"].startswith(f'attachment; filename="{name}"')
