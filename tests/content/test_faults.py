"""A gateway with wrong, broken or failing responses: never a wrong byte in a 206, never a premature clean end."""

import subprocess
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.demo.video_files import random_video
from dashboard.tasks.models import Task, Video
from tests.content.conftest import Browser, N, Videoed
from tests.content.test_views import EVERYWHERE, FIELDS
from tests.support.gateway import Gateway
from tests.support.tasks import video_of

VIDEO = random_video()
PARTIAL_FILE, RECEIVE_ERROR = 18, 56  # curl's exit codes


@dataclass
class Curl:
    """The result of curl: its exit code, the status, and the body."""

    code: int
    status: int
    body: bytes


def curl(client: httpx.Client, video: Task, *more: str) -> Curl:
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    url = str(client.base_url.join(f"/tasks/{video.pk}/content"))
    quiet = ["curl", "-q", "-s", "--max-time", "20", "-w", "%{stderr}%{http_code}"]
    done = subprocess.run([*quiet, "-H", f"Cookie: {cookies}", *more, url], capture_output=True, check=False)
    return Curl(done.returncode, int(done.stderr[-3:]), done.stdout)


def seen(video: Task, size: int = N) -> Task:
    Video.objects.filter(pk=video.pk).update(size_bytes=size, content_type="video/mp4", content_etag='"video-1"')
    return video


def get(client: httpx.Client, video: Task, **fields: str) -> httpx.Response:
    return client.get(f"/tasks/{video.pk}/content", headers=fields)


LIES = ["wrong-range", "wrong-total", "no-content-range", "multipart"]
PARTS = {"bytes=0-": VIDEO, "bytes=0-9": VIDEO[:10], "bytes=5-9": VIDEO[5:10], "bytes=-500": VIDEO[-500:]}


@pytest.mark.parametrize("lie", [*LIES, "unasked206"])
def test_it_sends_no_wrong_byte_for_a_lie(browser: Browser, alice: User, videoed: Videoed, lie: str) -> None:
    client = browser(alice)
    for asked, part in PARTS.items():
        for video in (videoed(f"lie={lie}"), seen(videoed(f"lie={lie}"))):
            answer = get(client, video, Range=asked)
            assert answer.status_code == 502 or (answer.status_code, answer.content) == (206, part)
            whole = get(client, seen(video))
            assert whole.status_code == 502 or (whole.status_code, whole.content) == (200, VIDEO)


@pytest.mark.parametrize("lie", LIES)
def test_it_shows_no_part_that_contradicts_itself(browser: Browser, alice: User, videoed: Videoed, lie: str) -> None:
    assert get(browser(alice), seen(videoed(f"lie={lie}")), Range="bytes=5-9").status_code == 502


def test_it_shows_no_part_that_it_did_not_ask_for(browser: Browser, alice: User, videoed: Videoed) -> None:
    assert get(browser(alice), seen(videoed("lie=unasked206"))).status_code == 502


@pytest.mark.parametrize("words", [["lie=long"], ["lie=long", "norange"]])
def test_it_notices_a_video_of_another_length(
    browser: Browser, alice: User, videoed: Videoed, words: list[str]
) -> None:
    answer = get(browser(alice), seen(videoed(*words)), Range="bytes=5-9")
    assert answer.status_code == 502


def test_it_breaks_off_where_the_video_is_shorter_than_announced(
    browser: Browser, alice: User, videoed: Videoed
) -> None:
    got = curl(browser(alice), videoed("lie=short"))
    assert (got.code, got.status) == (PARTIAL_FILE, 200)
    assert VIDEO.startswith(got.body)
    assert len(got.body) < N


def test_it_forgets_a_video_that_has_changed_its_size(browser: Browser, alice: User, videoed: Videoed) -> None:
    client, video = browser(alice), seen(videoed(), size=N - 1)
    changed = get(client, video, Range="bytes=5-9")
    assert (changed.status_code, "has changed" in changed.text) == (502, True)
    again = get(client, video, Range="bytes=5-9")
    assert (again.status_code, again.content) == (206, VIDEO[5:10])
    assert again.headers["ETag"] != '"video-1"'
    assert "Last-Modified" not in again.headers


def test_it_notices_that_the_video_has_become_shorter(browser: Browser, alice: User, videoed: Videoed) -> None:
    client, video = browser(alice), seen(videoed(), size=2 * N)
    assert get(client, video, Range=f"bytes={N + 5}-").status_code == 502
    assert get(client, video, Range=f"bytes={N + 5}-").status_code == 416


@pytest.mark.parametrize("manner", ["noetag", "weaketag"])
def test_it_gives_every_video_a_strong_tag(browser: Browser, alice: User, videoed: Videoed, manner: str) -> None:
    client, video = browser(alice), videoed(manner)
    tag = get(client, video).headers["ETag"]
    assert tag.startswith(f'"{video.pk}-{N}-')
    again = get(client, video, **{"Range": "bytes=5-9", "If-Range": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (206, VIDEO[5:10], tag)


def test_it_mixes_no_videos_of_different_names(browser: Browser, alice: User, videoed: Videoed) -> None:
    client, video = browser(alice), videoed("lie=etag")
    assert get(client, video, Range="bytes=0-").status_code == 206
    assert get(client, video, Range="bytes=5-9").status_code == 502


@pytest.mark.parametrize("ending", ["cut", "reset"])
@pytest.mark.parametrize("after", [1, 64_000, N - 1])
@pytest.mark.parametrize("more", [[], ["chunked", "norange"]])
def test_it_breaks_off_when_its_source_breaks(
    browser: Browser, alice: User, videoed: Videoed, ending: str, after: int, more: list[str]
) -> None:
    got = curl(browser(alice), videoed(f"{ending}={after}", *more))
    if got.status == 200:
        assert got.code in (PARTIAL_FILE, RECEIVE_ERROR)
        assert VIDEO.startswith(got.body)
    else:
        # It broke off before there were enough bytes to recognize a video.
        assert (got.status, after) == (502, 1)


def test_it_shows_a_page_when_not_a_byte_comes(browser: Browser, alice: User, videoed: Videoed) -> None:
    assert get(browser(alice), videoed("cut=0")).status_code == 502


@pytest.mark.parametrize(
    ("words", "status", "title"),
    [
        (["gone=404"], 404, "Not found"),
        (["gone=410"], 410, "Video unavailable"),
        (["warming=900"], 502, "Gateway error"),
        (["gzip"], 502, "Not a video"),
        (["body=html"], 502, "Not a video"),
        (["body=html-as-mp4"], 502, "Not a video"),
        (["body=json"], 502, "Not a video"),
        (["body=json-as-mp4"], 502, "Not a video"),
        (["body=svg"], 502, "Not a video"),
        (["body=zip"], 502, "Not a video"),
        (["body=empty"], 502, "Not a video"),
    ],
)
def test_it_says_what_is_wrong(
    browser: Browser, alice: User, videoed: Videoed, words: list[str], status: int, title: str
) -> None:
    answer = get(browser(alice), videoed(*words))
    assert (answer.status_code, f"<h1>{title}</h1>" in answer.text) == (status, True)
    assert "script" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "declared", ["text/html", "text/plain", "application/json", "video/x-matroska", "multipart/form-data", "image/png"]
)
def test_the_bytes_decide(browser: Browser, alice: User, videoed: Videoed, declared: str) -> None:
    video = videoed(f"type={declared}")
    answer = get(browser(alice), video)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "video/mp4")
    assert answer.content == VIDEO
    part = get(browser(alice), video, Range="bytes=500000-500009")
    assert (part.status_code, part.content) == (206, VIDEO[500_000:500_010])


@pytest.mark.parametrize(
    ("fault", "told", "status", "wait"),
    [
        ("http-401", {}, 502, None),
        ("http-403", {}, 502, None),
        ("http-429", {"retry_after": "7"}, 503, "7"),
        ("http-429", {}, 503, "30"),
        ("http-500", {}, 502, None),
        ("http-503", {}, 502, None),
        ("reset-headers", {}, 502, None),
        ("big-header", {}, 502, None),
        ("garbage", {}, 502, None),
    ],
)
def test_it_maps_failures(
    browser: Browser,
    alice: User,
    videoed: Videoed,
    gateway: Gateway,
    fault: str,
    told: dict[str, str],
    status: int,
    wait: str | None,
) -> None:
    gateway.fault(fault, "content", settings=told)
    answer = get(browser(alice), videoed())
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, wait)
    assert answer.headers["Content-Type"].startswith("text/html")


def test_it_shows_no_word_of_the_gateways_page(
    browser: Browser, alice: User, videoed: Videoed, gateway: Gateway
) -> None:
    gateway.fault("http-500", "content", settings={"body": "upstream-secret-words", "type": "text/html"})
    assert "upstream-secret-words" not in get(browser(alice), videoed()).text


def test_it_says_that_the_video_is_not_there_yet(
    browser: Browser, alice: User, videoed: Videoed, gateway: Gateway
) -> None:
    video = videoed()
    gateway.change_task(video.upstream_id, status="in_progress")
    assert get(browser(alice), video).status_code == 409


@pytest.mark.parametrize("fault", ["http-403", "http-404", "http-410", "http-500", "http-401"])
def test_it_goes_on_to_the_url(browser: Browser, alice: User, videoed: Videoed, gateway: Gateway, fault: str) -> None:
    gateway.fault(fault, "content")
    video = videoed(url=True)
    assert get(browser(alice), video).content == VIDEO
    assert [entry["authorised"] for entry in gateway.log(call="file")] == [False]


def test_it_plays_from_the_url_without_a_key(browser: Browser, alice: User, videoed: Videoed, gateway: Gateway) -> None:
    answer = get(browser(alice), videoed(url=True, key=None), Range="bytes=5-9")
    assert (answer.status_code, answer.content) == (206, VIDEO[5:10])
    assert gateway.log(call="content") == []


def test_it_asks_once_for_a_new_url_when_the_old_one_has_expired(
    browser: Browser, alice: User, videoed: Videoed, gateway: Gateway
) -> None:
    video = videoed("gone=404", url=True)
    address = video_of(video).url
    gateway.advance(3600)
    assert get(browser(alice), video).content == VIDEO
    assert [entry["status"] for entry in gateway.log(call="file")] == [403, 206]
    assert len(gateway.log(call="status")) == 1
    assert video_of(video).url != address


def test_it_says_gone_when_no_url_is_left(browser: Browser, alice: User, videoed: Videoed, gateway: Gateway) -> None:
    video = videoed("gone=404", "nourl")
    Video.objects.filter(pk=video.pk).update(url=f"{gateway.files_url}/files/old/random.mp4?expires=1&sig=x")
    answer = get(browser(alice), video)
    assert (answer.status_code, "<h1>Video unavailable</h1>" in answer.text) == (410, True)
    assert len(gateway.log(call="status")) == 1


def test_it_says_gone_when_the_gateway_cannot_be_asked_for_another_url(
    browser: Browser, alice: User, videoed: Videoed, gateway: Gateway
) -> None:
    video = videoed("gone=404", url=True)
    gateway.advance(3600)
    gateway.fault("http-500", "status")
    assert get(browser(alice), video).status_code == 410


def test_it_opens_no_address_that_is_not_allowed(browser: Browser, alice: User, videoed: Videoed) -> None:
    video = videoed("gone=404")
    Video.objects.filter(pk=video.pk).update(url="http://127.0.0.1:9/video.mp4")
    answer = get(browser(alice), video)
    assert (answer.status_code, "URL not allowed" in answer.text) == (502, True)


@pytest.mark.parametrize("asked", [{}, {"Range": "bytes=5-9"}, {"Range": f"bytes={N}-"}])
def test_it_passes_none_of_the_gateways_fields_on(
    browser: Browser, alice: User, videoed: Videoed, asked: dict[str, str]
) -> None:
    answer = get(browser(alice), videoed("cookie"), **asked)
    assert set(answer.headers) <= FIELDS | EVERYWHERE
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_it_asks_the_gateway_once_for_a_video_from_its_beginning(
    browser: Browser, alice: User, videoed: Videoed, gateway: Gateway
) -> None:
    video = videoed()
    get(browser(alice), video, Range="bytes=0-")
    assert len(gateway.log(call="content")) == 1
    get(browser(alice), video, Range="bytes=0-,5-9")
    assert len(gateway.log(call="content")) == 2


def test_it_forwards_the_range(browser: Browser, alice: User, videoed: Videoed, gateway: Gateway) -> None:
    get(browser(alice), seen(videoed()), Range="bytes=500-999")
    assert [entry["range"] for entry in gateway.log(call="content")] == ["bytes=500-999"]


def test_it_gives_a_video_of_the_future_no_date(browser: Browser, alice: User, videoed: Videoed) -> None:
    video = videoed()
    Task.objects.filter(pk=video.pk).update(finished_at=timezone.now() + timedelta(hours=1))
    assert "Last-Modified" not in get(browser(alice), video).headers
