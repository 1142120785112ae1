"""The base class of HTTP consumers. Does the checks and sets the headers that Django's middleware does for views.

Consumers run outside of the middleware, and Channels reads the whole request body into memory before it calls them. So
every check runs before any of the body is read.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable
from channels.generic.http import AsyncHttpConsumer
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.translation import gettext_noop

from dashboard.web.headers import UNCACHED_FIELDS, text_fields
from dashboard.web.language import text_for_scope

Message = dict[str, Any]

SAME_SITE: Final = frozenset({"same-origin", "none"})


class ErrorResponse(NamedTuple):
    """A short response of plain text. `text` is in English, and translated when it is sent."""

    status: int
    text: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


NOT_A_GET: Final = ErrorResponse(405, gettext_noop("Only GET."), ((b"allow", b"GET"),))
WRONG_HOST: Final = ErrorResponse(400, gettext_noop("This server does not answer to that name."))
WITH_BODY: Final = ErrorResponse(413, gettext_noop("No request body, please."))
CROSS_SITE: Final = ErrorResponse(403, gettext_noop("Not for other sites."))


def headers_of(scope: Mapping[str, Any]) -> dict[str, str]:
    """Returns the headers by lowercase name. Joins repeated headers, so two Host headers never make a valid host."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1")
        found[key] = f"{found[key]}, {value.decode('latin-1')}" if key in found else value.decode("latin-1")
    return found


def error_for(method: str, headers: Mapping[str, str]) -> ErrorResponse | None:
    """Returns the error response for a request that isn't allowed, else None."""
    if method != "GET":
        return NOT_A_GET
    domain, _ = split_domain_port(headers.get("host", ""))
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):  # guard: stream-checks-host
        return WRONG_HOST
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        return WITH_BODY
    if headers.get("sec-fetch-site", "none") not in SAME_SITE:  # guard: stream-is-same-site
        return CROSS_SITE
    return None


class GuardedHttpConsumer(AsyncHttpConsumer):
    """Base class of consumers for browsers. If the request is allowed, `cleanup` is called once when it ends."""

    # No channel layer has this name, so that Channels doesn't create a channel and a listener for each consumer.
    channel_layer_alias = "none"
    headers: dict[str, str]

    async def __call__(self, scope: Any, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        self.scope = scope
        self.base_send = send
        self.headers = headers_of(scope)
        error = error_for(scope["method"], self.headers)
        if error is not None:
            await self.send_error(error)
            return
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.cleanup()

    async def dispatch(self, message: Message) -> None:
        # Channels' version runs a thread each time, to close database connections. Consumers don't open any.
        if message["type"] == "http.request":
            await self.http_request(message)  # type: ignore[arg-type]  # the protocol's dict, as everywhere in Channels
        else:
            await self.http_disconnect(message)  # type: ignore[arg-type]

    def cleanup(self) -> None:
        """Releases all resources. Must not fail or block."""

    async def send_error(self, error: ErrorResponse) -> None:
        body = f"{text_for_scope(error.text, self.scope)}\n".encode()
        # Without "Connection: close", the server would read the rest of the body.
        headers = [*UNCACHED_FIELDS, *error.headers, *text_fields(body), (b"connection", b"close")]
        await self.send_response(error.status, body, headers=headers)
