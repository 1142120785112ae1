"""Limits request bodies. Django stores a body of any size before it checks who sent it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from django.db import DatabaseError

from dashboard.accounts import sessions
from dashboard.logs.access_log import Application, Message, Receive, Send
from dashboard.threads import ThreadPool
from dashboard.web.consumer import ErrorResponse
from dashboard.web.headers import UNCACHED_FIELDS, text_fields

IMAGE_PATHS: Final = frozenset({"/tasks/create"})
MAX_BODY_WITH_IMAGE: Final = 11 * 1024 * 1024  # bytes: an image of 10 MB, and the form around it
MAX_BODY: Final = 1024 * 1024
MOST_OF_STRANGERS: Final = 32 * 1024  # bytes: the forms to sign in and to join take one or two thousand
DEADLINE: Final = 120.0  # seconds for all of it
CLOSE: Final = ((b"connection", b"close"),)  # else the server would read the rest, which nobody wants
TOO_LARGE: Final = ErrorResponse(413, "That is more than this server takes.", CLOSE)
TOO_SLOW: Final = ErrorResponse(408, "That took too long to send.", CLOSE)
SIGNED_OUT: Final = ErrorResponse(401, "Sign in first.", CLOSE)
NOT_NOW: Final = ErrorResponse(503, "Not now. Try again in a moment.", ((b"retry-after", b"5"), *CLOSE))

Ask = Callable[[Message], Awaitable[bool]]

logger = logging.getLogger(__name__)
_threads = ThreadPool("body-senders", 2, releases_connections=True)


async def is_signed_in(scope: Message) -> bool:
    """Whether the request of this scope comes from a member. Raises DatabaseError."""
    cookies = "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")
    key = sessions.session_key_in(cookies)
    return bool(key) and await _threads.run(sessions.user_of, key) is not None


class BodyLimitMiddleware:
    """ASGI middleware. Refuses bodies that are too large or arrive too slowly."""

    def __init__(self, application: Application, *, deadline: float = DEADLINE, signed_in: Ask = is_signed_in) -> None:
        """`signed_in` is called only for bodies larger than strangers may send."""
        self._application = application
        self._deadline = deadline
        self._signed_in = signed_in

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        fields = dict(scope["headers"])
        declared = int(fields.get(b"content-length") or 0)
        if not declared and b"transfer-encoding" not in fields:
            await self._application(scope, receive, send)
            return
        most = MAX_BODY_WITH_IMAGE if scope["path"] in IMAGE_PATHS else MAX_BODY
        if declared > most:
            await _send_error(send, TOO_LARGE)
            return
        sender = _Sender(scope, self._signed_in)
        error = await sender.error_response() if declared > MOST_OF_STRANGERS else None
        if error is not None:
            await _send_error(send, error)
            return
        body = _LimitedBody(receive, most, self._deadline, sender)
        await self._application(scope, body.receive, send)
        if body.error is not None:
            await _send_error(send, body.error)


class _Sender:
    """The sender of a body. Looked up once, and only if it matters."""

    def __init__(self, scope: Message, signed_in: Ask) -> None:
        self._scope = scope
        self._signed_in = signed_in
        self._is_member = False

    async def error_response(self) -> ErrorResponse | None:
        """Returns None for a member."""
        try:
            self._is_member = self._is_member or await self._signed_in(self._scope)
        except DatabaseError:
            logger.warning("a large body was refused: the database does not answer")
            return NOT_NOW
        return None if self._is_member else SIGNED_OUT


class _LimitedBody:
    """Passes a body on until it breaks a limit. To the application, that looks as if the client disconnected."""

    def __init__(self, receive: Receive, most: int, deadline: float, sender: _Sender) -> None:
        self._receive = receive
        self._most = most
        self._sender = sender
        self._size = 0
        self._ends: float | None = asyncio.get_running_loop().time() + deadline
        self.error: ErrorResponse | None = None

    async def receive(self) -> Message:
        try:
            async with asyncio.timeout_at(self._ends):
                message = await self._receive()
        except TimeoutError:
            return self._broken(TOO_SLOW)
        self._size += len(message.get("body", b""))
        error = await self._error()
        if error is not None:
            return self._broken(error)
        if not message.get("more_body", False):
            self._ends = None  # what is waited for from now on is that the client leaves
        return message

    async def _error(self) -> ErrorResponse | None:
        if self._size > self._most:
            return TOO_LARGE
        return await self._sender.error_response() if self._size > MOST_OF_STRANGERS else None

    def _broken(self, error: ErrorResponse) -> Message:
        self.error = error
        return {"type": "http.disconnect"}


async def _send_error(send: Send, error: ErrorResponse) -> None:
    body = f"{error.text}\n".encode()
    fields = [*UNCACHED_FIELDS, *error.headers, *text_fields(body)]
    await send({"type": "http.response.start", "status": error.status, "headers": fields})
    await send({"type": "http.response.body", "body": body})
