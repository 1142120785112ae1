"""What a client may send is bounded before anybody asks who it is."""

import asyncio
import socket
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from typing import Any

import httpx
import pytest
from django.db import DatabaseError

from dashboard.accounts.models import User
from dashboard.asgi import application
from dashboard.web.body_limit import MAX_BODY, MAX_BODY_WITH_IMAGE, MOST_OF_STRANGERS, BodyLimitMiddleware, is_signed_in
from tests.security.players import cookie_of
from tests.support.processes import ServerProcess

Message = dict[str, Any]
MIB = 1024 * 1024


def chunk(size: int, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": bytes(size), "more_body": more}


async def reading(scope: Message, receive: Any, send: Any) -> None:
    """Takes a whole body in, as Django does, and tells its size."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


async def sent(
    messages: Iterable[Message], path: str = "/", application: Any = None, length: int | None = None
) -> tuple[int, int]:
    """The answer's status, and how many of the messages were asked for."""
    fields = [(b"host", b"localhost"), (b"transfer-encoding", b"chunked")]
    fields += [(b"content-length", str(length).encode())] if length is not None else []
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
    coming, taken, answer = iter(messages), 0, []

    async def receive() -> Message:
        nonlocal taken
        try:
            message = next(coming)
        except StopIteration:
            await asyncio.Event().wait()
            raise
        taken += 1
        return message

    async def send(message: Message) -> None:
        answer.append(message)

    async with asyncio.timeout(20):
        await (application or BodyLimitMiddleware(reading))({**scope, "headers": fields}, receive, send)
    return int(answer[0]["status"]), taken


@pytest.mark.parametrize(("path", "most"), [("/", MAX_BODY), ("/tasks/create", MAX_BODY_WITH_IMAGE)])
async def test_it_takes_as_much_as_a_form_needs_and_no_byte_more(path: str, most: int) -> None:
    pieces = [chunk(MIB // 4)] * (most * 4 // MIB)
    assert (await sent([*pieces, chunk(0, more=False)], path, BodyLimitMiddleware(reading, signed_in=anybody)))[
        0
    ] == 200
    assert (await sent([*pieces, chunk(1, more=False)], path, BodyLimitMiddleware(reading, signed_in=anybody)))[
        0
    ] == 413


async def test_it_stops_reading_where_there_is_too_much() -> None:
    assert await sent([chunk(MIB)] * 1_000, application=BodyLimitMiddleware(reading, signed_in=anybody)) == (413, 2)


async def test_it_reads_nothing_of_a_body_that_says_it_is_too_large() -> None:
    assert await sent([chunk(MIB)] * 300, length=300 * MIB) == (413, 0)


async def test_it_does_not_wait_for_ever() -> None:
    assert (await sent([chunk(1)], application=BodyLimitMiddleware(reading, deadline=0.05)))[0] == 408


async def test_the_product_is_bounded() -> None:
    assert await sent([chunk(MIB)] * 300, "/accounts/login/", application) == (401, 1)


async def anybody(_: Message) -> bool:
    return True


async def nobody(_: Message) -> bool:
    return False


async def unknown(_: Message) -> bool:
    raise DatabaseError


@pytest.mark.parametrize("path", ["/", "/tasks/create", "/accounts/login/"])
async def test_it_reads_little_of_a_stranger(path: str) -> None:
    little, more = [chunk(MOST_OF_STRANGERS), chunk(0, more=False)], [chunk(MOST_OF_STRANGERS), chunk(1)] * 300
    assert (await sent(little, path, BodyLimitMiddleware(reading, signed_in=nobody)))[0] == 200
    assert await sent(more, path, BodyLimitMiddleware(reading, signed_in=nobody)) == (401, 2)


async def test_it_reads_nothing_of_a_stranger_who_says_how_much_it_is() -> None:
    assert await sent([chunk(MIB)], application=BodyLimitMiddleware(reading, signed_in=nobody), length=MIB) == (401, 0)


async def test_it_believes_nobody_while_nobody_can_tell() -> None:
    assert await sent([chunk(MIB)], application=BodyLimitMiddleware(reading, signed_in=unknown), length=MIB) == (503, 0)


@pytest.mark.django_db(transaction=True)
def test_it_knows_a_member_by_the_session() -> None:
    member = User.objects.create_user("member")
    cookie = cookie_of(member).encode()

    async def is_known(cookie: bytes) -> bool:
        return await is_signed_in({"headers": [(b"cookie", cookie)]})

    assert asyncio.run(is_known(cookie))
    assert not asyncio.run(is_known(cookie[:-3] + b"xyz"))
    assert not asyncio.run(is_known(b""))
    User.objects.update(is_active=False)
    assert not asyncio.run(is_known(cookie))


@pytest.mark.server
def test_three_hundred_strangers_take_no_room(process: ServerProcess) -> None:
    process.start()
    before = process.rss_kb
    head = f"POST /tasks/track HTTP/1.1\r\nHost: localhost\r\nContent-Length: {MIB}\r\n\r\n".encode()
    with ExitStack() as stack:
        connections = [stack.enter_context(socket.create_connection(("127.0.0.1", process.port))) for _ in range(300)]
        for connection in connections:
            with suppress(ConnectionError):
                connection.sendall(head + bytes(MIB - 1))
        assert httpx.get(f"{process.url}/healthz", timeout=60).status_code == 200
        assert process.rss_kb - before < 100_000
