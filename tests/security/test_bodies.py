"""What a client may send is bounded before anybody asks who it is."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from dashboard.asgi import application
from dashboard.bodies import MOST, MOST_WITH_IMAGE, Bounded

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
        await (application or Bounded(reading))({**scope, "headers": fields}, receive, send)
    return int(answer[0]["status"]), taken


@pytest.mark.parametrize(("path", "most"), [("/", MOST), ("/tasks/create", MOST_WITH_IMAGE)])
async def test_it_takes_as_much_as_a_form_needs_and_no_byte_more(path: str, most: int) -> None:
    pieces = [chunk(MIB // 4)] * (most * 4 // MIB)
    assert (await sent([*pieces, chunk(0, more=False)], path))[0] == 200
    assert (await sent([*pieces, chunk(1, more=False)], path))[0] == 413


async def test_it_stops_reading_where_there_is_too_much() -> None:
    assert await sent([chunk(MIB)] * 1_000) == (413, 2)


async def test_it_reads_nothing_of_a_body_that_says_it_is_too_large() -> None:
    assert await sent([chunk(MIB)] * 300, length=300 * MIB) == (413, 0)


async def test_it_does_not_wait_for_ever() -> None:
    assert (await sent([chunk(1)], application=Bounded(reading, deadline=0.05)))[0] == 408


async def test_the_product_is_bounded() -> None:
    assert await sent([chunk(MIB)] * 300, "/accounts/login/", application) == (413, 2)
