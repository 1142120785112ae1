"""A film from a gateway that lies, breaks or fails: never a wrong byte under a 206, never a clean end too early."""

import subprocess
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from dashboard.accounts.models import User
from dashboard.demo.video_files import random_film
from dashboard.tasks.models import Task
from tests.content.conftest import Browser, Filmed, N
from tests.content.test_views import EVERYWHERE, FIELDS
from tests.support.gateway import Gateway

FILM = random_film()
PARTIAL_FILE, RECEIVE_ERROR = 18, 56  # curl's exit codes


@dataclass
class Curl:
    """What curl got: its exit code, the status, and the body."""

    code: int
    status: int
    body: bytes


def curl(client: httpx.Client, film: Task, *more: str) -> Curl:
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    url = str(client.base_url.join(f"/tasks/{film.pk}/content"))
    quiet = ["curl", "-q", "-s", "--max-time", "20", "-w", "%{stderr}%{http_code}"]
    done = subprocess.run([*quiet, "-H", f"Cookie: {cookies}", *more, url], capture_output=True, check=False)
    return Curl(done.returncode, int(done.stderr[-3:]), done.stdout)


def seen(film: Task, size: int = N) -> Task:
    Task.objects.filter(pk=film.pk).update(size_bytes=size, content_type="video/mp4", content_etag='"film-1"')
    return film


def get(client: httpx.Client, film: Task, **fields: str) -> httpx.Response:
    return client.get(f"/tasks/{film.pk}/content", headers=fields)


LIES = ["wrong-range", "wrong-total", "no-content-range", "multipart"]
PARTS = {"bytes=0-": FILM, "bytes=0-9": FILM[:10], "bytes=5-9": FILM[5:10], "bytes=-500": FILM[-500:]}


@pytest.mark.parametrize("lie", [*LIES, "unasked206"])
def test_it_sends_no_wrong_byte_for_a_lie(browser: Browser, alice: User, filmed: Filmed, lie: str) -> None:
    client = browser(alice)
    for asked, part in PARTS.items():
        for film in (filmed(f"lie={lie}"), seen(filmed(f"lie={lie}"))):
            answer = get(client, film, Range=asked)
            assert answer.status_code == 502 or (answer.status_code, answer.content) == (206, part)
            whole = get(client, seen(film))
            assert whole.status_code == 502 or (whole.status_code, whole.content) == (200, FILM)


@pytest.mark.parametrize("lie", LIES)
def test_it_shows_no_part_that_contradicts_itself(browser: Browser, alice: User, filmed: Filmed, lie: str) -> None:
    assert get(browser(alice), seen(filmed(f"lie={lie}")), Range="bytes=5-9").status_code == 502


def test_it_shows_no_part_that_it_did_not_ask_for(browser: Browser, alice: User, filmed: Filmed) -> None:
    assert get(browser(alice), seen(filmed("lie=unasked206"))).status_code == 502


@pytest.mark.parametrize("words", [["lie=long"], ["lie=long", "norange"]])
def test_it_notices_a_film_of_another_length(browser: Browser, alice: User, filmed: Filmed, words: list[str]) -> None:
    answer = get(browser(alice), seen(filmed(*words)), Range="bytes=5-9")
    assert answer.status_code == 502


def test_it_breaks_off_where_the_film_is_shorter_than_announced(browser: Browser, alice: User, filmed: Filmed) -> None:
    got = curl(browser(alice), filmed("lie=short"))
    assert (got.code, got.status) == (PARTIAL_FILE, 200)
    assert FILM.startswith(got.body)
    assert len(got.body) < N


def test_it_forgets_a_film_that_has_changed_its_size(browser: Browser, alice: User, filmed: Filmed) -> None:
    client, film = browser(alice), seen(filmed(), size=N - 1)
    changed = get(client, film, Range="bytes=5-9")
    assert (changed.status_code, "has changed" in changed.text) == (502, True)
    again = get(client, film, Range="bytes=5-9")
    assert (again.status_code, again.content) == (206, FILM[5:10])
    assert again.headers["ETag"] != '"film-1"'
    assert "Last-Modified" not in again.headers


def test_it_notices_that_the_film_has_become_shorter(browser: Browser, alice: User, filmed: Filmed) -> None:
    client, film = browser(alice), seen(filmed(), size=2 * N)
    assert get(client, film, Range=f"bytes={N + 5}-").status_code == 502
    assert get(client, film, Range=f"bytes={N + 5}-").status_code == 416


@pytest.mark.parametrize("manner", ["noetag", "weaketag"])
def test_it_gives_every_film_a_strong_tag(browser: Browser, alice: User, filmed: Filmed, manner: str) -> None:
    client, film = browser(alice), filmed(manner)
    tag = get(client, film).headers["ETag"]
    assert tag.startswith(f'"{film.pk}-{N}-')
    again = get(client, film, **{"Range": "bytes=5-9", "If-Range": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (206, FILM[5:10], tag)


def test_it_mixes_no_films_of_different_names(browser: Browser, alice: User, filmed: Filmed) -> None:
    client, film = browser(alice), filmed("lie=etag")
    assert get(client, film, Range="bytes=0-").status_code == 206
    assert get(client, film, Range="bytes=5-9").status_code == 502


@pytest.mark.parametrize("ending", ["cut", "reset"])
@pytest.mark.parametrize("after", [1, 64_000, N - 1])
@pytest.mark.parametrize("more", [[], ["chunked", "norange"]])
def test_it_breaks_off_when_its_source_breaks(
    browser: Browser, alice: User, filmed: Filmed, ending: str, after: int, more: list[str]
) -> None:
    got = curl(browser(alice), filmed(f"{ending}={after}", *more))
    if got.status == 200:
        assert got.code in (PARTIAL_FILE, RECEIVE_ERROR)
        assert FILM.startswith(got.body)
    else:
        # It broke before there was enough of it to see a film.
        assert (got.status, after) == (502, 1)


def test_it_shows_a_page_when_not_a_byte_comes(browser: Browser, alice: User, filmed: Filmed) -> None:
    assert get(browser(alice), filmed("cut=0")).status_code == 502


@pytest.mark.parametrize(
    ("words", "status", "title"),
    [
        (["gone=404"], 404, "Not found"),
        (["gone=410"], 410, "Gone"),
        (["warming=900"], 502, "Gateway out of order"),
        (["gzip"], 502, "Not a video"),
        (["body=html"], 502, "Not a video"),
        (["body=html-as-mp4"], 502, "Not a video"),
        (["body=json"], 502, "Not a video"),
        (["body=json-as-mp4"], 502, "Not a video"),
        (["body=svg"], 502, "Not a video"),
        (["body=polyglot"], 502, "Not a video"),
        (["body=zip"], 502, "Not a video"),
        (["body=empty"], 502, "Not a video"),
        (["type=text/html"], 502, "Not a video"),
        (["type=video/x-matroska"], 502, "Not a video"),
    ],
)
def test_it_says_what_is_wrong(
    browser: Browser, alice: User, filmed: Filmed, words: list[str], status: int, title: str
) -> None:
    answer = get(browser(alice), filmed(*words))
    assert (answer.status_code, f"<h1>{title}</h1>" in answer.text) == (status, True)
    assert "script" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


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
    filmed: Filmed,
    gateway: Gateway,
    fault: str,
    told: dict[str, str],
    status: int,
    wait: str | None,
) -> None:
    gateway.fault(fault, "content", settings=told)
    answer = get(browser(alice), filmed())
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, wait)
    assert answer.headers["Content-Type"].startswith("text/html")


def test_it_shows_no_word_of_the_gateways_page(browser: Browser, alice: User, filmed: Filmed, gateway: Gateway) -> None:
    gateway.fault("http-500", "content", settings={"body": "upstream-secret-words", "type": "text/html"})
    assert "upstream-secret-words" not in get(browser(alice), filmed()).text


def test_it_says_that_the_film_is_not_there_yet(
    browser: Browser, alice: User, filmed: Filmed, gateway: Gateway
) -> None:
    film = filmed()
    gateway.change_task(film.upstream_id, status="in_progress")
    assert get(browser(alice), film).status_code == 409


@pytest.mark.parametrize("fault", ["http-403", "http-404", "http-410", "http-500", "http-401"])
def test_it_goes_on_to_the_url(browser: Browser, alice: User, filmed: Filmed, gateway: Gateway, fault: str) -> None:
    gateway.fault(fault, "content")
    film = filmed(url=True)
    assert get(browser(alice), film).content == FILM
    assert [entry["authorised"] for entry in gateway.log(call="file")] == [False]


def test_it_plays_from_the_url_without_a_key(browser: Browser, alice: User, filmed: Filmed, gateway: Gateway) -> None:
    answer = get(browser(alice), filmed(url=True, key=None), Range="bytes=5-9")
    assert (answer.status_code, answer.content) == (206, FILM[5:10])
    assert gateway.log(call="content") == []


def test_it_asks_once_for_a_new_url_when_the_old_one_has_expired(
    browser: Browser, alice: User, filmed: Filmed, gateway: Gateway
) -> None:
    film = filmed("gone=404", url=True)
    gateway.advance(3600)
    assert get(browser(alice), film).content == FILM
    assert [entry["status"] for entry in gateway.log(call="file")] == [403, 206]
    assert len(gateway.log(call="status")) == 1
    assert Task.objects.get(pk=film.pk).url != film.url


def test_it_says_gone_when_no_url_is_left(browser: Browser, alice: User, filmed: Filmed, gateway: Gateway) -> None:
    film = filmed("gone=404", "nourl")
    Task.objects.filter(pk=film.pk).update(url=f"{gateway.files_url}/files/old/random.mp4?expires=1&sig=x")
    answer = get(browser(alice), film)
    assert (answer.status_code, "<h1>Gone</h1>" in answer.text) == (410, True)
    assert len(gateway.log(call="status")) == 1


def test_it_says_gone_when_the_gateway_cannot_be_asked_for_another_url(
    browser: Browser, alice: User, filmed: Filmed, gateway: Gateway
) -> None:
    film = filmed("gone=404", url=True)
    gateway.advance(3600)
    gateway.fault("http-500", "status")
    assert get(browser(alice), film).status_code == 410


def test_it_opens_no_address_that_is_not_allowed(browser: Browser, alice: User, filmed: Filmed) -> None:
    film = filmed("gone=404")
    Task.objects.filter(pk=film.pk).update(url="http://127.0.0.1:9/film.mp4")
    answer = get(browser(alice), film)
    assert (answer.status_code, "Address not allowed" in answer.text) == (502, True)


@pytest.mark.parametrize("asked", [{}, {"Range": "bytes=5-9"}, {"Range": f"bytes={N}-"}])
def test_it_passes_none_of_the_gateways_fields_on(
    browser: Browser, alice: User, filmed: Filmed, asked: dict[str, str]
) -> None:
    answer = get(browser(alice), filmed("cookie"), **asked)
    assert set(answer.headers) <= FIELDS | EVERYWHERE
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_it_asks_the_gateway_once_for_a_film_from_its_beginning(
    browser: Browser, alice: User, filmed: Filmed, gateway: Gateway
) -> None:
    film = filmed()
    get(browser(alice), film, Range="bytes=0-")
    assert len(gateway.log(call="content")) == 1
    get(browser(alice), film, Range="bytes=0-,5-9")
    assert len(gateway.log(call="content")) == 2


def test_it_forwards_the_range(browser: Browser, alice: User, filmed: Filmed, gateway: Gateway) -> None:
    get(browser(alice), seen(filmed()), Range="bytes=500-999")
    assert [entry["range"] for entry in gateway.log(call="content")] == ["bytes=500-999"]


def test_it_gives_a_film_of_the_future_no_date(browser: Browser, alice: User, filmed: Filmed) -> None:
    film = filmed()
    Task.objects.filter(pk=film.pk).update(finished_at=timezone.now() + timedelta(hours=1))
    assert "Last-Modified" not in get(browser(alice), film).headers
