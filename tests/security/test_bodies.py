"""Request bodies are limited before the session is checked."""

import asyncio
import re
import socket
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from typing import Any

import httpx
import pytest
from django.db import DatabaseError
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.asgi import application
from dashboard.web.body_limit import (
    MAX_BODY,
    MAX_BODY_WITH_IMAGE,
    MAX_BODY_WITH_REFERENCES,
    MOST_OF_STRANGERS,
    BodyLimitMiddleware,
    member_of,
)
from tests.security.players import cookie_of
from tests.support.gateway import ALICE_KEY, Gateway
from tests.support.processes import ServerProcess

Message = dict[str, Any]
MIB = 1024 * 1024
MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(64)


def chunk(size: int, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": bytes(size), "more_body": more}


async def reading(scope: Message, receive: Any, send: Any) -> None:
    """Reads a whole body, as Django does, and responds with its size."""
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
    """Returns the status of the response, and how many of the messages were read."""
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
    assert (await sent([*pieces, chunk(0, more=False)], path, BodyLimitMiddleware(reading, find_member=anybody)))[
        0
    ] == 200
    assert (await sent([*pieces, chunk(1, more=False)], path, BodyLimitMiddleware(reading, find_member=anybody)))[
        0
    ] == 413


async def test_it_stops_reading_where_there_is_too_much() -> None:
    assert await sent([chunk(MIB)] * 1_000, application=BodyLimitMiddleware(reading, find_member=anybody)) == (413, 2)


async def test_it_reads_nothing_of_a_body_that_says_it_is_too_large() -> None:
    assert await sent([chunk(MIB)] * 300, length=300 * MIB) == (413, 0)


async def test_it_does_not_wait_for_ever() -> None:
    assert (await sent([chunk(1)], application=BodyLimitMiddleware(reading, deadline=0.05)))[0] == 408


async def test_the_product_is_bounded() -> None:
    assert await sent([chunk(MIB)] * 300, "/accounts/login/", application) == (401, 1)


async def anybody(_: Message) -> int | None:
    return 1


async def nobody(_: Message) -> int | None:
    return None


async def unknown(_: Message) -> int | None:
    raise DatabaseError


@pytest.mark.parametrize("path", ["/", "/tasks/create", "/accounts/login/"])
async def test_it_reads_little_of_a_stranger(path: str) -> None:
    little, more = [chunk(MOST_OF_STRANGERS), chunk(0, more=False)], [chunk(MOST_OF_STRANGERS), chunk(1)] * 300
    assert (await sent(little, path, BodyLimitMiddleware(reading, find_member=nobody)))[0] == 200
    assert await sent(more, path, BodyLimitMiddleware(reading, find_member=nobody)) == (401, 2)


async def test_it_reads_nothing_of_a_stranger_who_says_how_much_it_is() -> None:
    assert await sent([chunk(MIB)], application=BodyLimitMiddleware(reading, find_member=nobody), length=MIB) == (
        401,
        0,
    )


async def test_it_believes_nobody_while_nobody_can_tell() -> None:
    assert await sent([chunk(MIB)], application=BodyLimitMiddleware(reading, find_member=unknown), length=MIB) == (
        503,
        0,
    )


@pytest.mark.django_db(transaction=True)
def test_it_knows_a_member_by_the_session() -> None:
    member = User.objects.create_user("member")
    cookie = cookie_of(member).encode()

    async def is_known(cookie: bytes) -> bool:
        return await member_of({"headers": [(b"cookie", cookie)]}) == member.pk

    assert asyncio.run(is_known(cookie))
    assert not asyncio.run(is_known(cookie[:-3] + b"xyz"))
    assert not asyncio.run(is_known(b""))
    User.objects.update(is_active=False)
    assert not asyncio.run(is_known(cookie))


@pytest.mark.parametrize(("models", "most"), [([], MAX_BODY_WITH_IMAGE), (["m*"], MAX_BODY_WITH_REFERENCES)])
async def test_it_takes_references_where_a_model_does(settings: Settings, models: list[str], most: int) -> None:
    settings.VOLCENGINE_MODELS = models
    limited = BodyLimitMiddleware(reading, find_member=anybody)
    pieces = [chunk(MIB)] * (most // MIB)
    assert (await sent([*pieces, chunk(0, more=False)], "/tasks/create", limited))[0] == 200
    assert (await sent([*pieces, chunk(1, more=False)], "/tasks/create", limited))[0] == 413


async def test_what_a_member_sends_at_once_is_limited(settings: Settings) -> None:
    settings.VOLCENGINE_MODELS = ["*"]
    members = iter([1, 1, 1, 2, 1])

    async def find_member(_: Message) -> int | None:
        return next(members)

    begun, may_end = asyncio.Semaphore(0), asyncio.Event()

    async def handling(scope: Message, receive: Any, send: Any) -> None:
        begun.release()
        await may_end.wait()
        await reading(scope, receive, send)

    limited = BodyLimitMiddleware(handling, find_member=find_member)
    body = [chunk(MAX_BODY_WITH_REFERENCES, more=False)]

    def sending() -> "asyncio.Task[tuple[int, int]]":
        return asyncio.create_task(sent(body, "/tasks/create", limited, length=MAX_BODY_WITH_REFERENCES))

    under_way = [sending(), sending()]
    await begun.acquire()
    await begun.acquire()
    assert (await sending())[0] == 429
    others = sending()
    await begun.acquire()
    may_end.set()
    assert [status for status, _ in await asyncio.gather(*under_way, others)] == [200, 200, 200]
    assert (await sending())[0] == 200  # finished requests no longer count


@pytest.mark.server
def test_large_files_go_to_the_gateway_without_filling_memory(process: ServerProcess, gateway: Gateway) -> None:
    process.env = {"AMUX_BASE_URL": gateway.url, "VOLCENGINE_MODELS": "volcengine", "POLLER": "separate"}
    process.start()
    key = process.act("key", owner="alice", secret=ALICE_KEY)
    files = [("reference_video_files", (f"{at}.mp4", MP4 + bytes(14 * MIB), "video/mp4")) for at in range(3)]
    with process.browser("alice") as browser:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/tasks/create").text)
        assert token is not None
        fields = {"csrfmiddlewaretoken": token[1], "model": "volcengine", "prompt": "A sea", "key": key}
        before = process.rss_kb
        answer = browser.post("/tasks/create", data=fields, files=files, headers={"Origin": process.url})
    assert (answer.status_code, answer.headers.get("Location", "")[:7]) == (302, "/tasks/")
    assert gateway.log(call="create")[0]["status"] == 200
    assert process.rss_kb - before < 40_000
    assert (process.data_dir / "uploads").is_dir()
    process.eventually(lambda: not [*(process.data_dir / "uploads").iterdir()])  # after the response was sent


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
