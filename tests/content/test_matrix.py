"""Every range of RFC 9110 section 14, byte for byte, with gateways that support ranges and ones that don't."""

from collections.abc import Iterator

import httpx
import pytest

from dashboard.accounts.models import User
from dashboard.demo.video_files import random_video
from dashboard.tasks.models import Task, Video
from tests.content.conftest import Browser, N, Videoed

VIDEO = random_video()
THEN = "Sun, 01 Mar 2026 12:00:00 GMT"

PARTS = {
    "bytes=0-": (0, N),
    "bytes=0-1": (0, 2),
    "bytes=0-0": (0, 1),
    "bytes=5-9": (5, 10),
    f"bytes={N - 1}-": (N - 1, N),
    f"bytes=0-{N + 50}": (0, N),
    "bytes=400000-900000": (400_000, 900_001),
    "bytes=-1": (N - 1, N),
    "bytes=-500": (N - 500, N),
    f"bytes=-{N}": (0, N),
    f"bytes=-{N + 5}": (0, N),
    "BYTES=0-1": (0, 2),
}
UNSATISFIABLE = ("bytes=-0", f"bytes={N}-", f"bytes={N}-{N + 9}", f"bytes={10**40}-")
IGNORED = ("bytes=9-5", "bytes=", "bytes=-", "bytes=a-b", "bytes 0-1", "0-1", "bytes=+0-1", "bytes=٠-١", "items=0-1")
SEVERAL = ("bytes=0-1,5-6", "bytes=" + ",".join(["0-"] * 1000))


def rows() -> Iterator[tuple[dict[str, str], int, tuple[int, int]]]:
    """Yields the request headers, the status, and the bytes of the body."""
    whole, none = (0, N), (0, 0)
    yield {}, 200, whole
    for field, part in PARTS.items():
        yield {"Range": field}, 206, part
    for field in UNSATISFIABLE:
        yield {"Range": field}, 416, none
    for field in IGNORED + SEVERAL:
        yield {"Range": field}, 200, whole
    yield {"Range": "bytes=5-9", "If-Range": THEN}, 206, (5, 10)
    for validator in ('"other"', 'W/"other"', "Sun, 01 Mar 2026 12:00:01 GMT", "garbage"):
        yield {"Range": "bytes=5-9", "If-Range": validator}, 200, whole
    yield {"Range": "bytes=5-9", "If-None-Match": "*"}, 304, none
    yield {"If-None-Match": '"other"'}, 200, whole
    yield {"If-Match": '"other"'}, 412, none
    yield {"If-Modified-Since": "Mon, 02 Mar 2026 12:00:00 GMT"}, 304, none
    yield {"If-Modified-Since": "Sat, 28 Feb 2026 12:00:00 GMT"}, 200, whole


def check(answer: httpx.Response, fields: dict[str, str], status: int, part: tuple[int, int]) -> None:
    assert answer.status_code == status, fields
    assert answer.content == VIDEO[slice(*part)], fields
    bounds = {206: f"bytes {part[0]}-{part[1] - 1}/{N}", 416: f"bytes */{N}"}
    assert answer.headers.get("Content-Range") == bounds.get(status), fields
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers.get("Content-Length") == (None if status == 304 else str(part[1] - part[0])), fields


def get(client: httpx.Client, video: Task, fields: dict[str, str]) -> httpx.Response:
    encoded = [(name.encode(), value.encode()) for name, value in fields.items()]
    return client.get(f"/tasks/{video.pk}/content", headers=encoded)


def forget(video: Task) -> None:
    Video.objects.filter(pk=video.pk).update(size_bytes=None, content_type="", content_etag="")


SOURCES = ["honest", "norange", "chunked", "norange+chunked", "redirect", "jsonurl", "norange+nolength", "url"]


def video_by(videoed: Videoed, source: str) -> Task:
    if source == "url":
        return videoed("gone=404", url=True)
    return videoed(*[word for word in source.split("+") if word != "honest"])


@pytest.mark.parametrize("source", [source for source in SOURCES if "norange+" not in source])
def test_it_answers_every_range_of_a_video_never_seen_before(
    browser: Browser, alice: User, videoed: Videoed, source: str
) -> None:
    client, video = browser(alice), video_by(videoed, source)
    tags = set()
    for fields, status, part in rows():
        forget(video)
        answer = get(client, video, fields)
        check(answer, fields, status, part)
        tags.add(answer.headers["ETag"])
    assert len(tags) == 1


@pytest.mark.parametrize("source", [source for source in SOURCES if "nolength" not in source])
def test_it_answers_every_range_of_a_video_seen_before(
    browser: Browser, alice: User, videoed: Videoed, source: str
) -> None:
    client, video = browser(alice), video_by(videoed, source)
    assert get(client, video, {}).content == VIDEO
    for fields, status, part in rows():
        check(get(client, video, fields), fields, status, part)
    tag = client.head(f"/tasks/{video.pk}/content").headers["ETag"]
    check(get(client, video, {"Range": "bytes=5-9", "If-Range": tag}), {}, 206, (5, 10))
    check(get(client, video, {"Range": "bytes=5-9", "If-Range": "W/" + tag}), {}, 200, (0, N))
    for known in (tag, "W/" + tag, f'"other", {tag}'):
        check(get(client, video, {"Range": "bytes=5-9", "If-None-Match": known}), {}, 304, (0, 0))


def test_it_learns_the_size_of_a_chunked_video_from_its_end(browser: Browser, alice: User, videoed: Videoed) -> None:
    client, video = browser(alice), videoed("norange", "chunked")
    first = get(client, video, {"Range": "bytes=5-9"})
    assert (first.status_code, first.content) == (200, VIDEO)
    assert not {"Accept-Ranges", "Content-Range", "Content-Length", "ETag"} & set(first.headers)
    check(get(client, video, {"Range": "bytes=5-9"}), {}, 206, (5, 10))


def test_it_does_not_pass_off_a_video_without_an_end_as_whole(browser: Browser, alice: User, videoed: Videoed) -> None:
    answer = get(browser(alice), videoed("norange", "nolength"), {})
    assert answer.status_code == 502
    assert "incomplete one" in answer.text


def test_it_plays_a_video_without_an_end_once_its_size_is_known(
    browser: Browser, alice: User, videoed: Videoed
) -> None:
    client, video = browser(alice), videoed("norange", "nolength")
    Video.objects.filter(pk=video.pk).update(size_bytes=N, content_type="video/mp4", content_etag='"video-1"')
    check(get(client, video, {}), {}, 200, (0, N))
    check(get(client, video, {"Range": "bytes=5-9"}), {}, 206, (5, 10))
