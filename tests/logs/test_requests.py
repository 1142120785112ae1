"""The log line of a request: who requested what, how it ended, and never a token."""

import json
from typing import Any

import httpx
import pytest

from tests.support.event_source import Stream
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.server

PROXIED = {"X-Forwarded-Proto": "https", "Host": "localhost"}


@pytest.fixture
def server(process: ServerProcess) -> ServerProcess:
    process.env = {"LOG_FORMAT": "json"}
    process.start()
    return process


def line(server: ServerProcess, path: str) -> dict[str, Any]:
    """Returns the line about `path` as soon as it is written."""
    server.eventually(lambda: any(f'"path": "{path}"' in one for one in server.output))
    found: dict[str, Any] = json.loads(next(one for one in server.output if f'"path": "{path}"' in one))
    return found


def test_it_tells_who_asked_for_what(server: ServerProcess) -> None:
    with server.browser("alice") as alice:
        answer = alice.get("/keys/?q=private-words")
    told = line(server, "/keys/")
    assert told["request_id"] == answer.headers["X-Request-ID"]
    assert (told["method"], told["status"], told["bytes"]) == ("GET", 200, len(answer.content))
    assert [[str(told["user"])]] == server.act("rows", sql="SELECT id FROM member WHERE username='alice'")
    assert told["ms"] > 0
    assert "private-words" not in "".join(server.output)


def test_it_names_nobody_for_a_visitor(server: ServerProcess) -> None:
    httpx.get(f"{server.url}/accounts/login/")
    assert line(server, "/accounts/login/")["user"] is None


@pytest.mark.parametrize("path", ["/s/pOvwsxQ2u9Zb-k_1", "/s/pOvwsxQ2u9Zb-k_1/content", "/join/pOvwsxQ2u9Zb-k_1"])
def test_it_masks_the_tokens_of_links(server: ServerProcess, path: str) -> None:
    httpx.get(f"{server.url}{path}")
    httpx.get(f"{server.url}/the-end")
    line(server, "/the-end")
    said = "".join(server.output)
    assert "pOvwsxQ2u9Zb" not in said
    assert said.count('"method": "GET"') == 2


def test_it_cannot_be_made_to_forge_a_line(server: ServerProcess) -> None:
    httpx.get(f"{server.url}/x%0A%7B%22level%22:%22CRITICAL%22%7D%1B[2J")
    httpx.get(f"{server.url}/the-end")
    line(server, "/the-end")
    assert [json.loads(one)["level"] for one in server.output if one.startswith("{")] == ["INFO", "INFO"]


def test_it_counts_a_stream_at_its_end(server: ServerProcess) -> None:
    stream = Stream(server.port, {"Cookie": server.session("alice")}, "/events")
    stream.wait_for("tick")
    assert not [one for one in server.output if "/events" in one]
    stream.close()
    told = line(server, "/events")
    assert told["status"] == 200
    assert told["frames"] >= 1
    assert told["bytes"] > 0
    assert told["user"]
    assert told["complete"] is False


def test_it_is_silent_about_health_checks(server: ServerProcess) -> None:
    httpx.get(f"{server.url}/healthz")
    httpx.get(f"{server.url}/the-end")
    line(server, "/the-end")
    assert "healthz" not in "".join(server.output)


def test_it_makes_an_id_of_its_own_for_a_client_that_brings_one(server: ServerProcess) -> None:
    answer = httpx.get(f"{server.url}/healthz", headers={"X-Request-ID": "chosen-by-client"})
    assert len(answer.headers["X-Request-ID"]) == 32


@pytest.mark.parametrize(
    ("given", "kept"), [("0f" * 16, True), ("short", False), ("a b c d e f g", False), ("x" * 65, False)]
)
def test_it_keeps_a_well_formed_id_of_the_proxy(process: ServerProcess, given: str, kept: bool) -> None:
    process.env = {"CSRF_TRUSTED_ORIGINS": "https://localhost"}
    process.start()
    answer = httpx.get(f"{process.url}/healthz", headers={**PROXIED, "X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) is kept


def test_it_gives_the_traceback_the_id_of_its_request(server: ServerProcess) -> None:
    server.act("rows", sql="DROP TABLE share_link")
    with server.browser("alice") as alice:
        answer = alice.get("/s/pOvwsxQ2u9Zb-k_1")
    assert answer.status_code == 500
    server.eventually(lambda: any("traceback" in one for one in server.output))
    told = json.loads(next(one for one in server.output if "traceback" in one))
    assert told["request_id"] == answer.headers["X-Request-ID"]
    assert "pOvwsxQ2u9Zb" not in "".join(server.output)


def test_it_says_little_of_a_request_to_another_host(server: ServerProcess) -> None:
    httpx.get(f"{server.url}/elsewhere", headers={"Host": "elsewhere.example"})
    assert line(server, "/elsewhere")["status"] == 400
    assert "Traceback" not in "".join(server.output)
