"""Limits request bodies. Django would store a body of any size before it checks who sent it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext_noop

from dashboard.accounts import sessions
from dashboard.logs.access_log import Application, Message, Receive, Send
from dashboard.threads import ThreadPool
from dashboard.web.consumer import ErrorResponse
from dashboard.web.headers import UNCACHED_FIELDS, text_fields
from dashboard.web.language import text_for_scope

IMAGE_PATHS: Final = frozenset({"/tasks/create"})
MAX_BODY_WITH_IMAGE: Final = 11 * 1024 * 1024  # bytes: a 10 MB image plus the rest of the form
MOST_UPLOADED: Final = 45 * 1024 * 1024  # bytes of all files in a form; encoded, they must fit the gateway's 64 MB
MAX_BODY_WITH_REFERENCES: Final = MOST_UPLOADED + 1024 * 1024
MOST_OF_MEMBER: Final = 2 * MAX_BODY_WITH_REFERENCES  # bytes, all requests of a member that are in progress
MAX_BODY: Final = 1024 * 1024
MOST_OF_STRANGERS: Final = 32 * 1024  # bytes; the forms for signing in and joining take 1 or 2 KB
DEADLINE: Final = 120.0  # seconds for the whole body
CLOSE: Final = ((b"connection", b"close"),)  # otherwise, the server would read the rest of the body
TOO_LARGE: Final = ErrorResponse(413, gettext_noop("That is more than this server takes."), CLOSE)
TOO_SLOW: Final = ErrorResponse(408, gettext_noop("That took too long to send."), CLOSE)
TOO_MANY: Final = ErrorResponse(
    429,
    gettext_noop("Your other uploads are still in progress. Try again when they finish."),
    ((b"retry-after", b"10"), *CLOSE),
)
SIGNED_OUT: Final = ErrorResponse(401, gettext_noop("Sign in first."), CLOSE)
NOT_NOW: Final = ErrorResponse(503, gettext_noop("Not now. Try again in a moment."), ((b"retry-after", b"5"), *CLOSE))

FindMember = Callable[[Message], Awaitable[int | None]]

logger = logging.getLogger(__name__)
_threads = ThreadPool("body-senders", 2, releases_connections=True)


async def member_of(scope: Message) -> int | None:
    """Returns the ID of the signed-in member who sent the request, or None. Raises DatabaseError."""
    cookies = "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")
    key = sessions.session_key_in(cookies)
    user = await _threads.run(sessions.user_of, key) if key else None
    return user.pk if user else None


def max_body(path: str) -> int:
    """Returns the maximum size in bytes of a request body for this path."""
    if path not in IMAGE_PATHS:
        return MAX_BODY
    takes_references = settings.VOLCENGINE_MODELS or settings.VOLCENGINE_KEYS
    return MAX_BODY_WITH_REFERENCES if takes_references else MAX_BODY_WITH_IMAGE


class BodyLimitMiddleware:
    """ASGI middleware that rejects bodies that are too large or arrive too slowly."""

    def __init__(
        self, application: Application, *, deadline: float = DEADLINE, find_member: FindMember = member_of
    ) -> None:
        """`find_member` is only called for bodies that are larger than someone who isn't signed in may send."""
        self._application = application
        self._deadline = deadline
        self._find_member = find_member
        self._under_way: Counter[int] = Counter()  # bytes in progress, by member ID

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        fields = dict(scope["headers"])
        declared = int(fields.get(b"content-length") or 0)
        if not declared and b"transfer-encoding" not in fields:
            await self._application(scope, receive, send)
            return
        most = max_body(scope["path"])
        if declared > most:
            await _send_error(scope, send, TOO_LARGE)
            return
        sender = _Sender(scope, self._find_member, self._under_way)
        try:
            error = await sender.error_response(declared) if declared > MOST_OF_STRANGERS else None
            if error is not None:
                await _send_error(scope, send, error)
                return
            body = _LimitedBody(receive, most, self._deadline, sender)
            await self._application(scope, body.receive, send)
            if body.error is not None:
                await _send_error(scope, send, body.error)
        finally:
            sender.done()


class _Sender:
    """The sender of a body. Looks up the member once, if needed, and counts their bytes until the request is done."""

    def __init__(self, scope: Message, find_member: FindMember, under_way: Counter[int]) -> None:
        self._scope = scope
        self._find_member = find_member
        self._under_way = under_way
        self._member: int | None = None
        self._counted = 0

    async def error_response(self, size: int) -> ErrorResponse | None:
        """Returns None if the sender is a member who may send `size` bytes now."""
        try:
            self._member = await self._find_member(self._scope) if self._member is None else self._member
        except DatabaseError:
            logger.warning("a large body was refused: the database does not answer")
            return NOT_NOW
        if self._member is None:
            return SIGNED_OUT
        more = max(0, size - self._counted)
        if self._under_way[self._member] + more > MOST_OF_MEMBER:
            return TOO_MANY
        self._under_way[self._member] += more
        self._counted += more
        return None

    def done(self) -> None:
        """Stops counting the request's bytes. Called when the request has been handled or rejected."""
        if self._member is not None:
            self._under_way[self._member] -= self._counted
            if self._under_way[self._member] <= 0:
                del self._under_way[self._member]


class _LimitedBody:
    """Passes a body on until it exceeds a limit. To the application, this looks like a client disconnect."""

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
            self._ends = None  # the body is complete; from now on, only a disconnect can follow
        return message

    async def _error(self) -> ErrorResponse | None:
        if self._size > self._most:
            return TOO_LARGE
        return await self._sender.error_response(self._size) if self._size > MOST_OF_STRANGERS else None

    def _broken(self, error: ErrorResponse) -> Message:
        self.error = error
        return {"type": "http.disconnect"}


async def _send_error(scope: Message, send: Send, error: ErrorResponse) -> None:
    body = f"{text_for_scope(error.text, scope)}\n".encode()
    fields = [*UNCACHED_FIELDS, *error.headers, *text_fields(body)]
    await send({"type": "http.response.start", "status": error.status, "headers": fields})
    await send({"type": "http.response.body", "body": body})
