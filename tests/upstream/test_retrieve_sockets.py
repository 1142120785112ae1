"""A poll over real sockets: broken HTTP, endless responses, and callers that give up."""

import asyncio
from itertools import count

import pytest

from dashboard.upstream import errors
from tests.upstream.conftest import RealClient
from tests.upstream.gateways import KEY
from tests.upstream.servers import Connection, Script, answer, replying, serving


async def dripping(connection: Connection, head: str) -> None:
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    for _ in count():
        await connection.send(b" ")
        await asyncio.sleep(0.01)


async def silent(connection: Connection, head: str) -> None:
    """Receives the request and never responds."""


@pytest.mark.parametrize("script", [dripping, silent])
async def test_it_ends_at_the_deadline(real_client: RealClient, script: Script) -> None:
    async with serving(script) as server, real_client(server.base, total=0.2) as client:
        with pytest.raises(errors.TimedOut):
            async with asyncio.timeout(2):
                await client.retrieve("t1", KEY)
        await server.all_closed()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n{}",
    ],
)
async def test_it_is_unavailable_when_http_breaks(real_client: RealClient, data: bytes) -> None:
    async with serving(replying(data, then_close=True)) as server, real_client(server.base) as client:
        with pytest.raises(errors.Unavailable):
            await client.retrieve("t1", KEY)


async def test_it_stops_an_endless_answer(real_client: RealClient) -> None:
    sent = 0

    async def endless(connection: Connection, head: str) -> None:
        nonlocal sent
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while True:
            await connection.send(b"[" * 65_536)
            sent += 65_536

    async with serving(endless) as server, real_client(server.base) as client:
        with pytest.raises(errors.InvalidResponse):
            await client.retrieve("t1", KEY)
        await server.all_closed()
    assert sent < 20_000_000


async def test_it_asks_with_keep_alive(real_client: RealClient) -> None:
    body = b'{"status": "queued"}'
    async with serving(replying(answer(body=body, Content_Type="application/json"))) as server:
        async with real_client(server.base) as client:
            for _ in range(5):
                await client.retrieve("t1", KEY)
        assert server.connected == 1


async def test_its_pool_survives_cancelled_requests(real_client: RealClient) -> None:
    body = answer(body=b'{"status": "queued"}', Content_Type="application/json")

    async def slow(connection: Connection, head: str) -> None:
        await asyncio.sleep(0.05)
        await connection.send(body)

    async with serving(slow) as server, real_client(server.base) as client:
        for number in range(200):
            task = asyncio.create_task(client.retrieve("t1", KEY))
            for _ in range(number % 10):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        for _ in range(5):
            assert (await client.retrieve("t1", KEY)).answer.status == "queued"
        assert len(server.open) <= 2
