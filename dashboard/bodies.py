"""Bounds for what clients send: Django stores a request's body, whatever its size, before it asks who sent it."""

import asyncio
from typing import Any, Final

from dashboard.live.door import HEADERS, Refusal
from dashboard.logs.requests import Application, Message, Receive, Send

WITH_IMAGE: Final = frozenset({"/tasks/create"})
MOST_WITH_IMAGE: Final = 11 * 1024 * 1024  # bytes: an image of 10 MB, and the form around it
MOST: Final = 1024 * 1024
DEADLINE: Final = 120.0  # seconds for all of it
CLOSE: Final = ((b"connection", b"close"),)  # else the server would read the rest, which nobody wants
TOO_LARGE: Final = Refusal(413, "That is more than this server takes.", CLOSE)
TOO_SLOW: Final = Refusal(408, "That took too long to send.", CLOSE)


class Bounded:
    """An ASGI application around another: answers for it where a body is too large, or too slow in coming."""

    def __init__(self, application: Application, *, deadline: float = DEADLINE) -> None:
        self._application = application
        self._deadline = deadline

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        fields = dict(scope["headers"])
        declared = int(fields.get(b"content-length") or 0)
        if not declared and b"transfer-encoding" not in fields:
            await self._application(scope, receive, send)
            return
        most = MOST_WITH_IMAGE if scope["path"] in WITH_IMAGE else MOST
        if declared > most:
            await _refuse(send, TOO_LARGE)
            return
        body = _Body(receive, most, self._deadline)
        await self._application(scope, body.receive, send)
        if body.refusal is not None:
            await _refuse(send, body.refusal)


class _Body:
    """Hands a body on until it breaks a bound; to the application that looks as if the client had left."""

    def __init__(self, receive: Receive, most: int, deadline: float) -> None:
        self._receive = receive
        self._left = most
        self._ends: float | None = asyncio.get_running_loop().time() + deadline
        self.refusal: Refusal | None = None

    async def receive(self) -> Message:
        try:
            async with asyncio.timeout_at(self._ends):
                message = await self._receive()
        except TimeoutError:
            return self._broken(TOO_SLOW)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            return self._broken(TOO_LARGE)
        if not message.get("more_body", False):
            self._ends = None  # what is waited for from now on is that the client leaves
        return message

    def _broken(self, refusal: Refusal) -> Message:
        self.refusal = refusal
        return {"type": "http.disconnect"}


async def _refuse(send: Send, refusal: Refusal) -> None:
    body = f"{refusal.words}\n".encode()
    told = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    start: dict[str, Any] = {"type": "http.response.start", "status": refusal.status}
    await send({**start, "headers": [*HEADERS, *refusal.headers, *told]})
    await send({"type": "http.response.body", "body": body})
