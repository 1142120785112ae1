"""nginx's own responses: to other host names, to too many requests, and while no server is available."""

import asyncio
import json
import re
import resource
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.deployment.conftest import nginx, site
from tests.deployment.proxies import Nginx
from tests.support.processes import ServerProcess

__all__ = ["nginx", "site"]

pytestmark = pytest.mark.server
NOWHERE = 1  # a port that nothing listens on
TOKEN = "pOvwsxQ2u9Zb"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


def burst(nginx: Nginx, requests: bytes, connections: int) -> Counter[int]:
    """Sends the requests over each of that many connections at once; returns how often each status occurred."""

    async def one() -> bytes:
        reader, writer = await asyncio.open_connection("localhost", nginx.port, family=socket.AF_INET, ssl=nginx.trust)
        writer.write(requests)
        received = await reader.read()
        writer.close()
        return received

    async def from_all() -> list[bytes]:
        async with asyncio.timeout(60):
            return await asyncio.gather(*(one() for _ in range(connections)))

    return Counter(
        int(status) for text in asyncio.run(from_all()) for status in re.findall(rb"HTTP/1\.1 (\d{3})", text)
    )


def request(line: str, field: str = "X-A: b") -> bytes:
    return f"{line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n{field}\r\n\r\n".encode()


def requests(line: str, number: int) -> bytes:
    """Returns the requests; the last one closes the connection."""
    return request(line) * (number - 1) + request(line, "Connection: close")


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Replaces the servers: accepts connections, and never responds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8_192)), hard))
    with socket.create_server(("127.0.0.1", 0), backlog=2_048) as listener:
        listener.settimeout(30)
        yield listener
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class HandsOver(BaseHTTPRequestHandler):
    """Replaces the servers: makes nginx send a copy that does not exist."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("X-Accel-Redirect", "/_videos/0f/0f0f")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def handing_over() -> Iterator[int]:
    """Yields its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), HandsOver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("path", ["/", "/accounts/login/", f"/s/{TOKEN}"])
def test_another_name_gets_no_page_even_with_the_right_handshake(site: Nginx, path: str) -> None:
    with site.browser() as browser, pytest.raises(httpx.RemoteProtocolError, match="disconnected without"):
        browser.get(path, headers={"Host": "other.example"})


def test_nor_does_plain_http_on_the_port_of_tls(site: Nginx) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected without"):
        httpx.get(f"http://127.0.0.1:{site.port}/", headers={"Host": "other.example"})


def own_answers(nginx: Nginx) -> dict[str, httpx.Response]:
    """Returns a response of each kind that nginx sends by itself; the servers are down."""
    with nginx.browser() as browser:
        return {
            "no server": browser.get("/"),
            "too large": browser.post("/", content=b"x" * 2_000_000),
            "not found": browser.get("/metrics"),
            "a copy": browser.get("/_videos/0f/0f0f"),
            "too large a head": browser.get("/", headers={f"X-{number}": "x" * 7_000 for number in range(6)}),
            "too long": browser.get("/" + "x" * 9_000),
            "no such method": browser.request("TRACE", "/"),
        }


def test_its_own_errors_carry_our_headers_and_a_page_of_ours(nginx: Nginx) -> None:
    nginx.start(NOWHERE)
    answers = own_answers(nginx)
    assert [answer.status_code for answer in answers.values()] == [502, 413, 404, 404, 400, 414, 405]
    for name, answer in answers.items():
        assert {field: answer.headers.get(field) for field in HEADERS} == HEADERS, name
        assert "data-error-status" in answer.text, name
        assert "nginx" not in answer.text, name
    assert answers["no server"].headers["Retry-After"] == "5"


def test_a_server_that_takes_too_long_is_told_in_our_words_too(nginx: Nginx, silent: socket.socket) -> None:
    nginx.changes = {"proxy_read_timeout 60s;": "proxy_read_timeout 100ms;"}
    nginx.start(silent.getsockname()[1])
    with nginx.browser() as browser:
        answer = browser.get("/")
    assert (answer.status_code, answer.headers.get("X-Frame-Options")) == (504, "DENY")
    assert "data-error-status" in answer.text


def test_its_error_log_holds_no_tokens_while_the_servers_are_away(nginx: Nginx) -> None:
    nginx.start(NOWHERE)
    share = f"{nginx.url}/s/{TOKEN}"
    paths = ["/s/{}", "/s/{}/content", "/s/{}/state", "/s//{}", "/%73/{}", "/join/{}", "/accounts/login/?next=/s/{}"]
    with nginx.browser() as browser:
        found = {browser.get(path.format(TOKEN)).status_code for path in paths}
        for path in ("/static/js/app.js", "/events", "/tasks/create", "/"):  # the requests of its page
            found.add(browser.get(path, headers={"Referer": share}).status_code)
        found.add(browser.post("/", content=b"x" * 2_000_000, headers={"Referer": share}).status_code)
    assert found == {502, 413}
    assert TOKEN not in (nginx.folder / "error.log").read_text()


def test_its_access_log_tells_which_server_was_away(nginx: Nginx, process: ServerProcess) -> None:
    nginx.start(NOWHERE)
    with nginx.browser() as browser:
        browser.get(f"/s/{TOKEN}")
    process.eventually(lambda: nginx.access_log.endswith("\n"))
    told = json.loads(nginx.access_log)
    assert (told["path"], told["status"]) == ("/s/***", 502)
    assert f"127.0.0.1:{NOWHERE}" in told["server"]


def test_a_missing_copy_leaves_no_token_in_the_error_log(nginx: Nginx, handing_over: int) -> None:
    nginx.start(handing_over)
    with nginx.browser() as browser:
        answer = browser.get(f"/s/{TOKEN}/content")
    assert (answer.status_code, answer.headers.get("X-Content-Type-Options")) == (404, "nosniff")
    assert TOKEN not in (nginx.folder / "error.log").read_text()


def test_ten_tabs_with_many_posters_are_no_flood(nginx: Nginx) -> None:
    nginx.start(NOWHERE)
    tab = request("GET /") + request("GET /static/js/app.js") * 40 + requests("GET /tasks/0f/poster", 60)
    assert burst(nginx, tab, 10) == {502: 1_010}


def test_a_flood_from_one_address_is_refused(nginx: Nginx) -> None:
    nginx.start(NOWHERE)
    answers = burst(nginx, requests("GET /", 500), 10)
    assert set(answers) == {429, 502}
    assert answers[502] >= 2_000


def test_a_flood_of_sign_ins_is_refused_and_the_form_still_opens(nginx: Nginx) -> None:
    nginx.start(NOWHERE)
    assert set(burst(nginx, requests("POST /accounts/login/", 200), 1)) == {429, 502}
    with nginx.browser() as browser:
        assert browser.get("/accounts/login/").status_code == 502
        refused = browser.post("/accounts/login/")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    assert refused.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(("path", "most"), [("/events", 512), ("/tasks/0f/content", 256)])
def test_one_address_holds_only_so_many_streams(nginx: Nginx, silent: socket.socket, path: str, most: int) -> None:
    nginx.start(silent.getsockname()[1])
    with ExitStack() as held, nginx.browser() as browser:
        for _ in range(most):
            held.enter_context(nginx.connection()).sendall(request(f"GET {path}"))
        for _ in range(most):  # all of them have reached the server
            held.enter_context(silent.accept()[0])
        assert browser.get(path).status_code == 429
