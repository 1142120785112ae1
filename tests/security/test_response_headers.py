"""Every response has the headers that protect a browser: for any URL and status, whoever sends it."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from dashboard.web.headers import ERROR_TEXT, SecurityHeaders
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.server
THROUGH_TLS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
FIXED = {
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SCRIPT = "/static/js/app.js"
UNKNOWN = "/tasks/00000000-0000-4000-8000-000000000000/content"

Ask = Callable[[httpx.Client], httpx.Response]
REQUESTS: dict[str, tuple[int, Ask]] = {
    "sign-in": (200, lambda browser: browser.get("/accounts/login/")),
    "head": (200, lambda browser: browser.head("/accounts/login/")),
    "not signed in": (302, lambda browser: browser.get("/")),
    "no such page": (404, lambda browser: browser.get("/nope")),
    "not the form": (403, lambda browser: browser.post("/accounts/login/", data={"login": "x"})),
    "not to be deleted": (403, lambda browser: browser.request("DELETE", "/accounts/logout/")),
    "other name": (400, lambda browser: browser.get("/", headers={"Host": "other.example"})),
    "other name for a stream": (400, lambda browser: browser.get("/events", headers={"Host": "other.example"})),
    "video": (302, lambda browser: browser.get(UNKNOWN)),
    "video for another site": (403, lambda browser: browser.get(UNKNOWN, headers={"Sec-Fetch-Site": "cross-site"})),
    "link": (302, lambda browser: browser.get("/s/nope")),
    "invitation": (404, lambda browser: browser.get("/join/nope")),
    "script": (200, lambda browser: browser.get(SCRIPT)),
    "script again": (
        304,
        lambda browser: browser.get(SCRIPT, headers={"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}),
    ),
    "part of a script": (206, lambda browser: browser.get(SCRIPT, headers={"Range": "bytes=0-9"})),
    "no part of a script": (416, lambda browser: browser.get(SCRIPT, headers={"Range": "bytes=9999999-"})),
    "posted to a script": (405, lambda browser: browser.post(SCRIPT)),
    "no such script": (404, lambda browser: browser.get("/static/nope.js")),
    "stream": (401, lambda browser: browser.get("/events")),
    "posted stream": (405, lambda browser: browser.post("/events")),
    "stream for another site": (403, lambda browser: browser.get("/events", headers={"Sec-Fetch-Site": "cross-site"})),
    "too large": (413, lambda browser: browser.post("/", content=b"x" * 2_000_000)),
    "alive": (200, lambda browser: browser.get("/healthz")),
    "not ready": (503, lambda browser: browser.get("/readyz")),
    "figures": (404, lambda browser: browser.get("/metrics")),
}


@pytest.fixture
def browser(process: ServerProcess) -> Iterator[httpx.Client]:
    """Sends requests as nginx forwards them."""
    process.env = {"CSRF_TRUSTED_ORIGINS": "https://127.0.0.1", "ALLOWED_HOSTS": "localhost,127.0.0.1"}
    process.start()
    with httpx.Client(base_url=process.url, headers=THROUGH_TLS, timeout=60) as made:
        yield made


def lacking(answer: httpx.Response) -> dict[str, str | None]:
    found = {name: answer.headers.get(name) for name, value in FIXED.items() if answer.headers.get(name) != value}
    policy = answer.headers.get("Content-Security-Policy", "")
    twice = {name: "twice" for name in (*FIXED, "Content-Security-Policy") if len(answer.headers.get_list(name)) > 1}
    return found | twice | ({} if policy.startswith("default-src 'none'") else {"Content-Security-Policy": policy})


def test_it_protects_every_answer_to_a_visitor(browser: httpx.Client) -> None:
    answers = {name: (status, ask(browser)) for name, (status, ask) in REQUESTS.items()}
    assert {name: answer.status_code for name, (_, answer) in answers.items()} == {
        name: status for name, (status, _) in answers.items()
    }
    assert {name: lacking(answer) for name, (_, answer) in answers.items() if lacking(answer)} == {}


def test_it_protects_a_live_stream(process: ServerProcess, browser: httpx.Client) -> None:
    with browser.stream("GET", "/events", headers={"Cookie": process.session("alice")}) as stream:
        assert stream.status_code == 200
        assert lacking(stream) == {}


@pytest.mark.parametrize("head", [b"NOT HTTP AT ALL\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n"])
def test_it_protects_what_is_answered_before_a_request_is_read(process: ServerProcess, head: bytes) -> None:
    process.start()
    with socket.create_connection(("127.0.0.1", process.port), timeout=60) as client:
        client.sendall(head)
        answer = client.recv(8_192).lower()
    assert answer.startswith(b"http/1.1 400")
    assert b"x-content-type-options: nosniff" in answer
    assert b"content-security-policy: default-src 'none'" in answer


def test_it_promises_no_tls_where_there_is_none(process: ServerProcess) -> None:
    process.start()
    for path in ("/accounts/login/", "/events", SCRIPT):
        assert "Strict-Transport-Security" not in httpx.get(process.url + path, timeout=60).headers


async def broken(scope: object, receive: object, send: object) -> None:
    raise ZeroDivisionError


async def test_it_protects_the_answer_of_what_broke() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(ZeroDivisionError):
        await SecurityHeaders(broken)({"type": "http", "scheme": "http"}, receive, send)
    assert (sent[0]["status"], sent[1]["body"]) == (500, f"{ERROR_TEXT}\n".encode())
    assert (b"x-content-type-options", b"nosniff") in sent[0]["headers"]
