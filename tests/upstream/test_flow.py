"""While a video is sent: interruptions, stalls, slow senders, slow readers, and readers who disconnect."""

import asyncio
import gzip

import httpx
import pytest

from dashboard.upstream import errors
from tests.upstream.conftest import RealClient
from tests.upstream.gateways import KEY, asking, taken
from tests.upstream.servers import Connection, answer, replying, serving

VIDEO = bytes(range(256)) * 4_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 1000\r\n\r\n"


async def test_a_gzip_bomb_is_refused(real_client: RealClient) -> None:
    bomb = answer(body=gzip.compress(bytes(10_000_000)), Content_Type="video/mp4", Content_Encoding="gzip")
    async with serving(replying(bomb)) as server, real_client(server.base) as client:
        with pytest.raises(errors.NotVideo):
            await taken(client)
    assert "accept-encoding: identity" in server.heads[0].lower()


@pytest.mark.parametrize("size", [0, 1, 999])
async def test_a_body_cut_short_is_an_error(real_client: RealClient, size: int) -> None:
    async with serving(replying(HEAD + bytes(size), then_close=True)) as server, real_client(server.base) as client:
        with pytest.raises(errors.Unavailable):
            await taken(client)


@pytest.mark.parametrize("size", [3, 5])
async def test_a_body_is_counted_against_its_length(size: int) -> None:
    video = httpx.Response(200, stream=httpx.ByteStream(bytes(size)), headers={"content-length": "4"})
    async with asking(lambda request: video) as client:
        with pytest.raises(errors.Unavailable):
            await taken(client)


async def test_a_chunked_body_cut_short_is_an_error(real_client: RealClient) -> None:
    cut = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nvideo\r\n"
    async with serving(replying(cut, then_close=True)) as server, real_client(server.base) as client:
        with pytest.raises(errors.Unavailable):
            await taken(client)


async def test_it_flags_a_body_that_only_the_end_of_the_connection_ends(real_client: RealClient) -> None:
    unframed = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\nvideo"
    async with (
        serving(replying(unframed, then_close=True)) as server,
        real_client(server.base) as client,
        client.open_content("t1", KEY) as body,
    ):
        assert b"".join([piece async for piece in body.chunks()]) == b"video"
    assert (body.length, body.framed) == (None, False)


async def test_a_slow_beginning_times_out(real_client: RealClient) -> None:
    async def silent(connection: Connection, head: str) -> None:
        await asyncio.Event().wait()

    async with serving(silent) as server, real_client(server.base, first_byte=0.1) as client:
        with pytest.raises(errors.TimedOut):
            async with asyncio.timeout(2):
                await taken(client)
        await server.all_closed()


async def test_headers_alone_are_no_beginning(real_client: RealClient) -> None:
    async with serving(replying(HEAD)) as server, real_client(server.base, first_byte=0.1) as client:
        with pytest.raises(errors.TimedOut):
            async with asyncio.timeout(2):
                await taken(client)
        await server.all_closed()


async def test_a_stalled_body_is_an_error(real_client: RealClient) -> None:
    async with serving(replying(HEAD + b"video")) as server, real_client(server.base, idle=0.1) as client:
        with pytest.raises(errors.Unavailable) as caught:
            async with asyncio.timeout(2):
                await taken(client)
        await server.all_closed()
    assert not isinstance(caught.value, errors.TimedOut)


async def drip(connection: Connection, head: str) -> None:
    await connection.send(HEAD)
    while True:
        await connection.send(b"x")
        await asyncio.sleep(0.01)


async def test_a_dripped_body_is_an_error(real_client: RealClient) -> None:
    async with serving(drip) as server, real_client(server.base, slow_window=0.2) as client:
        with pytest.raises(errors.Unavailable, match="slowly"):
            async with asyncio.timeout(2):
                await taken(client)
        await server.all_closed()


async def test_a_fast_body_outlives_the_window(real_client: RealClient) -> None:
    async def brisk(connection: Connection, head: str) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n")
        for _ in range(20):
            await connection.send(bytes(10_000))
            await asyncio.sleep(0.01)

    async with serving(brisk) as server, real_client(server.base, slow_window=0.05) as client:
        assert len((await taken(client))[1]) == 200_000


async def test_a_slow_reader_is_not_a_slow_upstream(real_client: RealClient) -> None:
    video = answer(body=VIDEO * 3)
    async with (
        serving(replying(video)) as server,
        real_client(server.base, slow_window=0.05, idle=0.1) as client,
        client.open_content("t1", KEY) as body,
    ):
        size = 0
        async for piece in body.chunks():
            size += len(piece)
            await asyncio.sleep(0.05)
    assert size == len(VIDEO) * 3


async def test_a_slow_reader_holds_the_upstream_back(real_client: RealClient) -> None:
    sent = 0

    async def endless(connection: Connection, head: str) -> None:
        nonlocal sent
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            await connection.send(bytes(65_536))
            sent += 65_536

    async with serving(endless) as server, real_client(server.base) as client:
        async with client.open_content("t1", KEY) as body:
            await anext(body.chunks())
            before = -1
            while before != sent:
                before = sent
                await asyncio.sleep(0.05)
        await server.all_closed()
    assert sent < 30_000_000


async def test_leaving_early_closes_the_connection(real_client: RealClient) -> None:
    async with serving(replying(HEAD + b"video")) as server, real_client(server.base) as client:
        async with client.open_content("t1", KEY) as body:
            assert await anext(body.chunks()) == b"video"
        await server.all_closed()


async def test_being_cancelled_closes_the_connection(real_client: RealClient) -> None:
    async with serving(replying(HEAD + b"video")) as server, real_client(server.base) as client:
        task = asyncio.create_task(taken(client))
        await server.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.all_closed()


async def test_its_pool_survives_two_hundred_seeks(real_client: RealClient) -> None:
    async with serving(replying(answer(body=VIDEO))) as server, real_client(server.base) as client:
        for number in range(200):
            task = asyncio.create_task(taken(client))
            for _ in range(number % 12):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        for _ in range(5):
            assert await taken(client) == (200, VIDEO)
        assert len(server.open) <= 2


async def test_it_hands_on_large_pieces(real_client: RealClient) -> None:
    async with (
        serving(replying(answer(body=VIDEO * 8))) as server,
        real_client(server.base) as client,
        client.open_content("t1", KEY) as body,
    ):
        sizes = [len(piece) async for piece in body.chunks()]
    assert sum(sizes) == len(VIDEO) * 8
    assert 65_536 <= max(sizes) <= 262_144
