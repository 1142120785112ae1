"""Streams, videos and forwarded headers through a real nginx."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.deployment.proxies import Nginx
from tests.support.event_source import Parser
from tests.support.gateway import ALICE_KEY, Gateway
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.server


def signed_in(process: ServerProcess, nginx: Nginx) -> httpx.Client:
    browser = nginx.browser()
    browser.headers["Cookie"] = process.session("alice")
    return browser


def test_a_stream_begins_at_once_and_goes_on(process: ServerProcess, site: Nginx) -> None:
    task = process.act("task", owner="alice", label="before", upstream_id="t-1")
    parser, began, seen = Parser(), time.monotonic(), list[tuple[str, float]]()
    with signed_in(process, site) as browser, browser.stream("GET", "/events") as stream:
        assert time.monotonic() - began < 2
        for chunk in stream.iter_raw():
            seen += [(event.type, time.monotonic() - began) for event in parser.feed(chunk)]
            kinds = [kind for kind, _ in seen]
            if kinds == ["tick"]:
                process.act("relabel", task=task, label="after")
            if kinds.count("tick") == 2:
                break
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    assert [kind for kind, at in seen if at < 8][:2] == ["tick", "task"]
    assert 10 < seen[-1][1] < 30


@pytest.fixture
def video(process: ServerProcess, nginx: Nginx, gateway: Gateway) -> Callable[[str], str]:
    """Creates a video of alice's at the gateway, with this model; returns its path."""
    pairs = ",".join(f"{host}:{port}" for host, port in gateway.hostports)
    process.env |= {"AMUX_BASE_URL": gateway.url, "ALLOWED_PRIVATE_HOSTS": pairs}
    key = process.act("key", owner="alice", secret=ALICE_KEY)
    process.start()
    nginx.start(process.port)

    def made(model: str) -> str:
        upstream_id = gateway.add_task(model, status="completed", video="random")
        task = process.act("task", owner="alice", key_id=key, upstream_id=upstream_id, status="completed")
        return f"/tasks/{task}/content"

    return made


def test_a_part_of_a_video_is_that_part(process: ServerProcess, nginx: Nginx, video: Callable[[str], str]) -> None:
    path = video("amux")
    with signed_in(process, nginx) as browser:
        whole = browser.get(path)
        part = browser.get(path, headers={"Range": "bytes=1000-1999", "If-Range": whole.headers["ETag"]})
        none = browser.get(path, headers={"Range": "bytes=9999999-"})
        head = browser.head(path)
    assert (whole.status_code, len(whole.content)) == (200, 1_000_003)
    assert (part.status_code, part.headers["Content-Range"]) == (206, "bytes 1000-1999/1000003")
    assert part.content == whole.content[1000:2000]
    assert (none.status_code, none.headers["Content-Range"]) == (416, "bytes */1000003")
    assert head.headers["Content-Length"] == "1000003"


def test_a_video_that_breaks_off_does_not_look_whole(
    process: ServerProcess, nginx: Nginx, video: Callable[[str], str]
) -> None:
    path = video("amux+reset=65536")
    with signed_in(process, nginx) as browser, pytest.raises(httpx.RemoteProtocolError):
        browser.get(path)


VIDEO = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 400


@pytest.fixture
def copy(process: ServerProcess, nginx: Nginx) -> str:
    """The path of a video of alice's with a saved copy; the gateway is unreachable."""
    process.env |= {"X_ACCEL": "on"}
    facts = {"size_bytes": len(VIDEO), "content_type": "video/mp4", "content_etag": '"kept-video"'}
    kept = {"copy_state": "kept", "kept_at": "2026-01-02T03:04:05Z"}
    task = process.act("task", owner="alice", upstream_id="t-1", status="completed", **facts, **kept)
    file = process.data_dir / "videos" / task[:2] / task
    file.parent.mkdir(parents=True)
    file.write_bytes(VIDEO)
    process.start()
    nginx.start(process.port)
    return f"/tasks/{task}/content"


def test_it_sends_our_copy_itself(process: ServerProcess, nginx: Nginx, copy: str) -> None:
    with signed_in(process, nginx) as browser:
        whole = browser.get(copy)
        part = browser.get(copy, headers={"Range": "bytes=1000-1999", "If-Range": '"kept-video"'})
        other = browser.get(copy, headers={"Range": "bytes=1000-1999", "If-Range": '"another"'})
    assert (whole.content, whole.headers["ETag"], other.status_code) == (VIDEO, '"kept-video"', 200)
    assert (part.status_code, part.content) == (206, VIDEO[1000:2000])
    assert "sandbox" in part.headers["Content-Security-Policy"]
    assert part.headers["X-Content-Type-Options"] == "nosniff"
    lines = [json.loads(line) for line in nginx.access_log.splitlines()]
    assert [(line["path"], line["bytes"]) for line in lines] == [(copy, len(VIDEO)), (copy, 1_000), (copy, len(VIDEO))]
    assert '"bytes": 0' in "".join(process.output)


def test_a_copy_has_the_same_protection_at_every_status(process: ServerProcess, nginx: Nginx, copy: str) -> None:
    asked = [{}, {"Range": "bytes=0-9"}, {"Range": "bytes=9999999-"}, {"If-None-Match": '"kept-video"'}]
    with signed_in(process, nginx) as browser:
        answers = [browser.get(copy, headers=fields) for fields in asked]
    assert [answer.status_code for answer in answers] == [200, 206, 416, 304]
    for answer in answers:
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert (answer.headers["X-Content-Type-Options"], answer.headers["X-Frame-Options"]) == ("nosniff", "DENY")
    assert answers[2].headers["Content-Range"] == f"bytes */{len(VIDEO)}"


def test_it_sends_no_copy_to_a_stranger(process: ServerProcess, nginx: Nginx, copy: str) -> None:
    with nginx.browser() as browser:
        browser.headers["Cookie"] = process.session("bob")
        assert browser.get(copy).status_code == 404
        assert browser.get(f"/_videos/{copy.split('/')[2][:2]}/{copy.split('/')[2]}").status_code == 404


class Echo(BaseHTTPRequestHandler):
    """Responds with the headers that it received."""

    def do_GET(self) -> None:
        body = json.dumps([(name.lower(), value) for name, value in self.headers.items()]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def echo(nginx: Nginx) -> Iterator[Nginx]:
    """nginx in front of a server that returns the headers of the request."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        nginx.start(server.server_port)
        yield nginx
        server.shutdown()


def test_it_passes_on_nothing_that_a_client_claims(echo: Nginx) -> None:
    claims = dict.fromkeys(("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded"), "203.0.113.9")
    with echo.browser() as browser:
        got = browser.get("/", headers={**claims, "X-Forwarded-Proto": "http", "X-Request-ID": "mine"}).json()
    sent = dict(got)
    assert "203.0.113.9" not in sent.values()
    assert len(got) == len(sent)
    assert (sent["x-forwarded-for"], sent["x-forwarded-proto"], sent["host"]) == ("127.0.0.1", "https", "localhost")
    assert len(sent["x-request-id"]) == 32
