"""The access log. Writes one line per request when it ends, including streams and videos, with the bytes sent."""

import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from dashboard.logs.context import request_id
from dashboard.logs.masking import Structural

HEADER: Final = b"x-request-id"
WELL_FORMED: Final = re.compile(rb"[A-Za-z0-9_-]{8,64}")
# Monitoring requests these every few seconds, so 200 responses are only logged at DEBUG.
PROBE_PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
SCOPE_KEY: Final = "reelboard.line"

logger = logging.getLogger("dashboard.requests")

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]
MiddlewareResponse = HttpResponseBase | Awaitable[HttpResponseBase]


@dataclass(slots=True)
class AccessLogEntry:
    """The log entry of one request. `frames` is the number of frames of a live stream, None for other requests."""

    method: str
    path: str
    user: int | None = None
    status: int | None = None  # None if no response was sent
    sent: int = 0  # bytes of the response body
    frames: int | None = None
    is_complete: bool = False  # False if the client disconnected, or we aborted
    began: float = field(default_factory=time.monotonic)

    def observe(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.sent += len(message.get("body", b""))
            self.is_complete = not message.get("more_body", False)

    def write(self) -> None:
        failed = self.status is None or self.status >= 500
        routine = self.path in PROBE_PATHS and self.status == 200
        level = logging.WARNING if failed else logging.DEBUG if routine else logging.INFO
        method, path = Structural(self.method), Structural(self.path)
        logger.log(level, "%s %s %s", method, path, self.status, extra={"fields": self._fields(method, path)})

    def _fields(self, method: str, path: str) -> dict[str, object]:
        found: dict[str, object] = {
            "user": self.user,
            "method": method,
            "path": path,
            "status": self.status,
            "ms": round((time.monotonic() - self.began) * 1_000, 1),
            "bytes": self.sent,
        }
        if self.frames is not None:
            found["frames"] = self.frames
        return found if self.is_complete else {**found, "complete": False}


class RequestLogMiddleware:
    """ASGI middleware that assigns an ID to each request and its response, and writes a log line."""

    def __init__(self, application: Application, *, behind_proxy: bool) -> None:
        """With `behind_proxy`, keeps the request ID that the proxy has set."""
        self._application = application
        self._behind_proxy = behind_proxy

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        line = AccessLogEntry(scope["method"], scope["path"])
        scope[SCOPE_KEY] = line
        name = self._request_id(scope)
        request_id.set(name)

        def noting(message: Message) -> Awaitable[None]:
            line.observe(message)
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (HEADER, name.encode())]}
            return send(message)

        try:
            await self._application(scope, receive, noting)
        finally:
            line.write()

    def _request_id(self, scope: Message) -> str:
        given = [value for name, value in scope["headers"] if name == HEADER] if self._behind_proxy else []
        if len(given) == 1 and WELL_FORMED.fullmatch(given[0]):
            return bytes(given[0]).decode()
        return secrets.token_hex(16)


def entry_of(scope: Any) -> AccessLogEntry:
    """Returns the log entry for the request with this scope, or an unused one if requests aren't logged."""
    line = scope.get(SCOPE_KEY)
    return line if isinstance(line, AccessLogEntry) else AccessLogEntry("", "")


@sync_and_async_middleware
def log_user(get_response: Callable[[HttpRequest], MiddlewareResponse]) -> Callable[[HttpRequest], MiddlewareResponse]:
    """Middleware that adds the signed-in member to the request's log entry."""
    if iscoroutinefunction(get_response):

        async def log_async(request: HttpRequest) -> HttpResponseBase:
            answer = get_response(request)
            assert not isinstance(answer, HttpResponseBase)
            response: HttpResponseBase = await answer
            _note_user(request)
            return response

        return log_async

    def log_sync(request: HttpRequest) -> HttpResponseBase:
        answer = get_response(request)
        assert isinstance(answer, HttpResponseBase)
        _note_user(request)
        return answer

    return log_sync


def _note_user(request: HttpRequest) -> None:
    # Django caches the user here once a view has read it. Reading `request.user` would cost other requests a query.
    user = getattr(request, "_acached_user", None) or getattr(request, "_cached_user", None)
    entry_of(getattr(request, "scope", {})).user = getattr(user, "pk", None)
