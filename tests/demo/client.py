"""A small HTTP client for the demo's tests: one request per connection, without redirects or retries."""

import http.client
import json
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote, urlsplit

from dashboard.demo.dialects import Json
from tests.support.gateway import ALICE_KEY, Gateway


@dataclass(frozen=True)
class Heard:
    """A response: status, headers (names in lower case), body; `broken` if the body was incomplete."""

    status: int
    headers: dict[str, str]
    body: bytes
    broken: bool = False

    @property
    def json(self) -> Json:
        return cast(Json, json.loads(self.body))


def ask(
    url: str,
    method: str = "GET",
    *,
    key: str | None = ALICE_KEY,
    headers: dict[str, str] | None = None,
    body: object = None,
) -> Heard:
    """Sends one request."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    sent = dict(headers or {}) | ({"Authorization": f"Bearer {key}"} if key else {})
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, json.dumps(body) if body is not None else None, sent)
        response = connection.getresponse()
        received, broken = read(response)
    finally:
        connection.close()
    return Heard(response.status, {name.lower(): value for name, value in response.getheaders()}, received, broken)


def read(response: http.client.HTTPResponse) -> tuple[bytes, bool]:
    """Returns the body, and whether it was cut off."""
    received = bytearray()
    try:
        while piece := response.read1(65536):
            received += piece
    except (http.client.IncompleteRead, ConnectionError):
        return bytes(received), True
    return bytes(received), bool(response.length)


def status_url(gateway: Gateway, task_id: str, path: str = "/v1/video/generations") -> str:
    """Returns the URL of a task."""
    return f"{gateway.url}{path}/{quote(task_id, safe='')}"


def content_url(gateway: Gateway, task_id: str) -> str:
    """Returns the URL of a task's video."""
    return f"{status_url(gateway, task_id, '/v1/videos')}/content"
