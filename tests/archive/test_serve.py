"""Copies in the browser: all ranges, an unchanged ETag, even when the gateway has forgotten the task."""

import httpx
import pytest
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.tasks.models import Task, Video
from dashboard.videos import files
from tests.archive.conftest import VIDEO, keep
from tests.content.conftest import Browser, N, Videoed
from tests.content.test_matrix import check, get, rows
from tests.support.gateway import Gateway

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_answers_every_range_of_a_copy(browser: Browser, alice: User, videoed: Videoed, gateway: Gateway) -> None:
    client, video = browser(alice), videoed()
    keep(video)
    gateway.forget_task(video.upstream_id)
    asked = len(gateway.log())
    for fields, status, part in rows():
        check(get(client, video, fields), fields, status, part)
    tag = client.head(f"/tasks/{video.pk}/content").headers["ETag"]
    check(get(client, video, {"Range": "bytes=5-9", "If-Range": tag}), {}, 206, (5, 10))
    check(get(client, video, {"Range": "bytes=5-9", "If-Range": "W/" + tag}), {}, 200, (0, N))
    assert len(gateway.log()) == asked


@pytest.mark.parametrize("words", [[], ["noetag"], ["norange", "chunked"]])
def test_its_tag_is_the_one_from_before(browser: Browser, alice: User, videoed: Videoed, words: list[str]) -> None:
    client, video = browser(alice), videoed(*words)
    get(client, video, {})
    before = get(client, video, {"Range": "bytes=5-9"}).headers
    keep(video)
    after = get(client, video, {"Range": "bytes=5-9", "If-Range": before["ETag"]})
    check(after, {}, 206, (5, 10))
    for name in ("ETag", "Last-Modified", "Content-Type", "Content-Disposition"):
        assert after.headers[name] == before[name]


def test_it_falls_back_on_the_gateway_when_the_file_is_missing(browser: Browser, alice: User, videoed: Videoed) -> None:
    client, video = browser(alice), videoed()
    keep(video)
    Video.objects.update(checked_at=None)
    due_at = Video.objects.get().next_try_at
    files.remove(video.pk)
    check(get(client, video, {"Range": "bytes=5-9"}), {}, 206, (5, 10))
    assert Video.objects.get().next_try_at != due_at


def test_it_does_not_play_a_file_of_another_size(browser: Browser, alice: User, videoed: Videoed) -> None:
    client, video = browser(alice), videoed()
    keep(video)
    files.path_of(video.pk).write_bytes(VIDEO[:-1])
    check(get(client, video, {}), {}, 200, (0, N))


def accelerated(client: httpx.Client, video: Task, settings: Settings, **fields: str) -> httpx.Response:
    settings.X_ACCEL = True
    return get(client, video, fields)


def test_it_hands_its_copy_to_the_proxy(browser: Browser, alice: User, videoed: Videoed, settings: Settings) -> None:
    client, video = browser(alice), videoed()
    keep(video)
    tag = client.head(f"/tasks/{video.pk}/content").headers["ETag"]
    answer = accelerated(client, video, settings, Range="bytes=5-9")
    assert answer.headers["X-Accel-Redirect"] == f"/_videos/{str(video.pk)[:2]}/{video.pk}"
    assert (answer.headers["ETag"], answer.headers["Content-Type"], answer.content) == (tag, "video/mp4", b"")


@pytest.mark.parametrize("condition", ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"])
def test_it_answers_conditions_itself(
    browser: Browser, alice: User, videoed: Videoed, settings: Settings, condition: str
) -> None:
    client, video = browser(alice), videoed()
    keep(video)
    assert "X-Accel-Redirect" not in accelerated(client, video, settings, **{condition: '"x"'}).headers


def test_it_hands_nothing_over_that_it_has_not(
    browser: Browser, alice: User, bob: User, videoed: Videoed, settings: Settings
) -> None:
    video = videoed()
    check(accelerated(browser(alice), video, settings, Range="bytes=5-9"), {}, 206, (5, 10))
    keep(video)
    assert accelerated(browser(bob), video, settings).status_code == 404
    files.remove(video.pk)
    check(accelerated(browser(alice), video, settings, Range="bytes=5-9"), {}, 206, (5, 10))
