"""Requests that never get a stream, and their responses."""

import socket

import pytest

from dashboard.accounts.models import User
from dashboard.live.hub import hub
from tests.live.conftest import cookie_of
from tests.support.event_source import Stream


def status_of(port: int, method: str = "GET", **headers: str) -> int:
    stream = Stream(port, {name.replace("_", "-"): value for name, value in headers.items()}, method=method)
    stream.close()
    assert stream.response.headers["x-content-type-options"] == "nosniff"
    return stream.status


def test_it_refuses_a_visitor(port: int) -> None:
    assert status_of(port) == 401


@pytest.mark.parametrize(
    "cookie", ["reelboard_session=", 'reelboard_session=\xe9"%00;;', "=;=", "reelboard_session=" + "a" * 9_000]
)
def test_it_refuses_a_cookie_that_is_none(port: int, cookie: str) -> None:
    assert status_of(port, Cookie=cookie) == 401


def test_it_refuses_a_member_who_was_deactivated(port: int, alice: User) -> None:
    cookie = cookie_of(alice)
    User.objects.update(is_active=False)
    assert status_of(port, Cookie=cookie) == 401


def test_it_refuses_a_session_from_before_a_new_password(port: int, alice: User) -> None:
    cookie = cookie_of(alice)
    alice.set_password("something else")
    alice.save()
    assert status_of(port, Cookie=cookie) == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH"])
def test_it_takes_only_get(port: int, alice: User, method: str) -> None:
    assert status_of(port, method, Cookie=cookie_of(alice)) == 405
    assert len(hub.streams) == 0


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a b", "", "localhost:80:80", "[::1"])
def test_it_refuses_another_host(port: int, alice: User, host: str) -> None:
    assert status_of(port, Cookie=cookie_of(alice), Host=host) == 400


def test_it_takes_a_host_with_a_port(port: int, alice: User) -> None:
    assert status_of(port, Cookie=cookie_of(alice), Host="localhost:8000") == 200


@pytest.mark.parametrize(
    ("site", "status"), [("same-origin", 200), ("none", 200), ("same-site", 403), ("cross-site", 403), ("", 403)]
)
def test_it_serves_its_own_site_only(port: int, alice: User, site: str, status: int) -> None:
    assert status_of(port, Cookie=cookie_of(alice), Sec_Fetch_Site=site) == status


@pytest.mark.parametrize("body", ["Content-Length: 300000000", "Transfer-Encoding: chunked", "Content-Length: 1"])
def test_it_refuses_a_body_without_reading_it(port: int, alice: User, body: str) -> None:
    head = f"GET /events HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie_of(alice)}\r\n{body}\r\n\r\n"
    assert answer_to(port, head.encode()).startswith(b"HTTP/1.1 413 ")
    assert len(hub.streams) == 0


def test_it_bounds_the_head_of_a_request(port: int) -> None:
    head = b"GET /events HTTP/1.1\r\nHost: localhost\r\n" + b"X-Long: " + b"a" * 40_000
    assert answer_to(port, head + b"\r\n\r\n").startswith(b"HTTP/1.1 400 ")


def test_it_bounds_a_head_that_never_ends(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"GET /events HTTP/1.1\r\nX-Long: ")
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            client.sendall(b"a" * 100_000_000)


def answer_to(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(request)
        return client.recv(65_536)
