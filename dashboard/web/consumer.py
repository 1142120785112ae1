"""The base class of consumers: checks what Django's middleware would have checked, and sets the headers that it sets.

Consumers stand outside of the middleware, and Channels reads a whole request body into memory before it asks anybody.
So all that can be refused is refused before a byte of a body is read.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable
from channels.generic.http import AsyncHttpConsumer
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from dashboard.web.headers import UNCACHED_FIELDS, text_fields

Message = dict[str, Any]

SAME_SITE: Final = frozenset({"same-origin", "none"})


class ErrorResponse(NamedTuple):
    status: int
    text: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


NOT_A_GET: Final = ErrorResponse(405, "Only GET.", ((b"allow", b"GET"),))
WRONG_HOST: Final = ErrorResponse(400, "This server does not answer to that name.")
WITH_BODY: Final = ErrorResponse(413, "No request body, please.")
CROSS_SITE: Final = ErrorResponse(403, "Not for other sites.")


def headers_of(scope: Mapping[str, Any]) -> dict[str, str]:
    """By lower-case name; lines of the same name are joined, so that two Host lines are not a valid one."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1")
        found[key] = f"{found[key]}, {value.decode('latin-1')}" if key in found else value.decode("latin-1")
    return found


def error_for(method: str, headers: Mapping[str, str]) -> ErrorResponse | None:
    """None if the request may come in."""
    if method != "GET":
        return NOT_A_GET
    domain, _ = split_domain_port(headers.get("host", ""))
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return WRONG_HOST
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        return WITH_BODY
    if headers.get("sec-fetch-site", "none") not in SAME_SITE:
        return CROSS_SITE
    return None


class GuardedHttpConsumer(AsyncHttpConsumer):
    """Base class of the consumers that answer browsers. `cleanup` is called once, however the request ends."""

    # No layer has this name: without one, a consumer has no channel of its own and nothing that listens to it.
    channel_layer_alias = "none"
    headers: dict[str, str]

    async def __call__(self, scope: Any, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        self.base_send = send
        self.headers = headers_of(scope)
        refusal = error_for(scope["method"], self.headers)
        if refusal is not None:
            await self.send_error(refusal)
            return
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.cleanup()

    async def dispatch(self, message: Message) -> None:
        # Channels' own goes to a thread each time, to close connections that are never opened here.
        if message["type"] == "http.request":
            await self.http_request(message)  # type: ignore[arg-type]  # the protocol's dict, as everywhere in Channels
        else:
            await self.http_disconnect(message)  # type: ignore[arg-type]

    def cleanup(self) -> None:
        """Releases everything. Must not fail, and not wait."""

    async def send_error(self, refusal: ErrorResponse) -> None:
        body = f"{refusal.text}\n".encode()
        # Without the close, the server would read the rest of a body that nobody wants.
        headers = [*UNCACHED_FIELDS, *refusal.headers, *text_fields(body), (b"connection", b"close")]
        await self.send_response(refusal.status, body, headers=headers)
