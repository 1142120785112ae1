"""GET and HEAD /tasks/<uuid>/content: who has access, and which responses don't involve the gateway."""

import re
from contextlib import ExitStack
from uuid import uuid4

import pytest

from dashboard.accounts.models import User
from dashboard.content import seats
from dashboard.tasks.models import Task
from tests.content.conftest import Browser, N

FIELDS = {
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-length",
    "content-range",
    "content-security-policy",
    "content-type",
    "cross-origin-resource-policy",
    "etag",
    "last-modified",
    "referrer-policy",
    "x-content-type-options",
}
# The server and Django's middleware add these to every response.
EVERYWHERE = {"date", "server", "vary", "x-frame-options", "permissions-policy", "cross-origin-opener-policy"}
TOKEN = re.compile(r"[A-Za-z0-9]{64}")  # the CSRF token, different in each page


def address(video: Task) -> str:
    return f"/tasks/{video.pk}/content"


def test_it_tells_the_facts_on_head(browser: Browser, alice: User, video: Task) -> None:
    answer = browser(alice).head(address(video), headers={"Range": "bytes=0-4"})
    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(N)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["ETag"] == '"video-1"'
    assert answer.headers["Last-Modified"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Disposition"] == "inline; filename=\"Red fox.mp4\"; filename*=UTF-8''Red%20fox.mp4"


def test_it_offers_a_download(browser: Browser, alice: User, video: Task) -> None:
    answer = browser(alice).head(address(video) + "?download=1")
    assert answer.headers["Content-Disposition"].startswith("attachment; ")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If-None-Match": '"video-1"', "Range": "bytes=0-4"}, 304),
        ({"If-Match": '"other"'}, 412),
        ({"Range": f"bytes={N}-"}, 416),
        ({"Range": "bytes=-0"}, 416),
    ],
)
def test_it_answers_without_a_body(
    browser: Browser, alice: User, video: Task, fields: dict[str, str], status: int
) -> None:
    answer = browser(alice).get(address(video), headers=fields)
    assert (answer.status_code, answer.content) == (status, b"")
    assert answer.headers.get("Content-Range") == (f"bytes */{N}" if status == 416 else None)
    assert answer.headers.get("Content-Length") == (None if status == 304 else "0")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert set(answer.headers) <= FIELDS | EVERYWHERE


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_it_only_shows(browser: Browser, alice: User, video: Task, method: str) -> None:
    answer = browser(alice).request(method, address(video), headers={"Range": "bytes=0-4"})
    assert answer.status_code == 405


def test_it_asks_strangers_to_sign_in(browser: Browser, video: Task) -> None:
    answer = browser(None).get(address(video))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/?next=")


def test_it_hides_other_peoples_videos(browser: Browser, bob: User, video: Task) -> None:
    client = browser(bob)
    foreign, missing = client.get(address(video)), client.get(f"/tasks/{uuid4()}/content")
    assert foreign.status_code == missing.status_code == 404
    assert TOKEN.sub("", foreign.text) == TOKEN.sub("", missing.text)


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("none", 200), ("same-origin", 200)]
)
def test_it_is_not_for_other_sites(browser: Browser, alice: User, video: Task, site: str, status: int) -> None:
    assert browser(alice).head(address(video), headers={"Sec-Fetch-Site": site}).status_code == status


@pytest.mark.parametrize("status", ["queued", "in_progress", "failed"])
def test_it_says_that_there_is_no_video_yet(browser: Browser, alice: User, video: Task, status: str) -> None:
    Task.objects.filter(pk=video.pk).update(status=status)
    answer = browser(alice).get(address(video))
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert re.search("<h1>(Not ready yet|No video)</h1>", answer.text)


def test_it_asks_for_patience_when_all_seats_are_taken(browser: Browser, alice: User, video: Task) -> None:
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(seats.seat(alice.pk, uuid4()))
        answer = browser(alice).get(address(video))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_it_says_when_there_is_nobody_to_ask(browser: Browser, alice: User, video: Task) -> None:
    answer = browser(alice).get(address(video))
    assert answer.status_code == 502
    assert "key" in answer.text
