"""Viewers who leave: the connection to the video's source is closed, and their seat is free again."""

import asyncio
import gc
import random
import socket
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from time import sleep
from urllib.parse import urlsplit

import httpx
import pytest

from dashboard.accounts.models import User
from dashboard.content import seats
from dashboard.content.responses import VideoResponse
from dashboard.demo import video_files
from dashboard.tasks.models import Task
from tests.content.conftest import Browser, Videoed
from tests.support.gateway import Gateway
from tests.support.wait import until

# At most this many bytes are in the buffers of two connections: on some machines, Linux receives 32 MB ahead of a
# program.
KERNEL_HOLDS = 80_000_000


@contextmanager
def watching(client: httpx.Client, video: Task) -> Iterator[Iterator[bytes]]:
    """A viewer who has received the first bytes, and may continue."""
    with client.stream("GET", f"/tasks/{video.pk}/content") as answer:
        chunks = answer.iter_raw(1000)
        assert next(chunks)
        yield chunks


@pytest.mark.parametrize("manner", ["rate=50000", "stall=200000", "chunked"])
def test_it_closes_the_source_when_the_viewer_leaves(
    browser: Browser, alice: User, videoed: Videoed, gateway: Gateway, manner: str
) -> None:
    with watching(browser(alice), videoed(manner)):
        assert manner == "chunked" or len(gateway.connections()) == seats.taken() == 1
    until(lambda: gateway.connections() == [] and seats.taken() == 0, 2)


def leave_early(origin: str, cookies: str, video: Task, after: float) -> None:
    parts = urlsplit(origin)
    request = f"GET /tasks/{video.pk}/content HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookies}\r\n\r\n"
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
        connection.sendall(request.encode())
        connection.settimeout(after)
        with suppress(TimeoutError):
            connection.recv(100)


def test_it_closes_the_source_whenever_the_viewer_leaves(
    server: str, browser: Browser, alice: User, videoed: Videoed, gateway: Gateway
) -> None:
    video, rng = videoed("rate=500000"), random.Random(7)
    cookies = "; ".join(f"{name}={value}" for name, value in browser(alice).cookies.items())
    for _ in range(60):
        leave_early(server, cookies, video, rng.uniform(0.001, 0.05))
    until(lambda: seats.taken() == 0, 2)
    until(lambda: gateway.connections() == [], 2)
    assert browser(alice).get(f"/tasks/{video.pk}/content").content == video_files.random_video()


def test_it_breaks_off_the_oldest_stream_of_a_video_opened_a_fifth_time(
    browser: Browser, alice: User, videoed: Videoed
) -> None:
    video = videoed("rate=100000")
    with ExitStack() as stack:
        oldest, *_ = [stack.enter_context(watching(browser(alice), video)) for _ in range(5)]
        assert seats.taken() == 4
        with pytest.raises(httpx.RemoteProtocolError):
            list(oldest)
    until(lambda: seats.taken() == 0, 2)


def test_it_fetches_no_faster_than_the_viewer_reads(
    browser: Browser, alice: User, videoed: Videoed, gateway: Gateway
) -> None:
    video_files.make_bytes(gateway.videos_dir, "large", 2 * KERNEL_HOLDS)

    def sent() -> int:
        return int(str(gateway.log(call="content")[0]["sent"]))

    with watching(browser(alice), videoed(video="large")):
        before, now = -1, sent()
        while before < now:
            sleep(0.5)
            before, now = now, sent()
        assert now < KERNEL_HOLDS


def forget_earlier_tests() -> None:
    """Collects the garbage of earlier tests, so that the next collection doesn't issue its warnings in this test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


async def test_it_closes_the_source_of_an_answer_that_got_lost() -> None:
    forget_earlier_tests()
    closed = asyncio.Event()

    async def video() -> AsyncIterator[bytes]:
        yield b"never asked for"

    source = AsyncExitStack()
    source.callback(closed.set)
    response = VideoResponse(200, {"Content-Type": "video/mp4"}, video(), source)
    del response
    gc.collect()
    await asyncio.wait_for(closed.wait(), 1)


async def test_it_closes_the_source_of_an_answer_that_nobody_reads() -> None:
    closed = asyncio.Event()
    source = AsyncExitStack()
    source.callback(closed.set)
    response = VideoResponse(200, {"Content-Type": "video/mp4"}, aiter_of(b""), source)
    response.close()
    await asyncio.wait_for(closed.wait(), 1)


async def aiter_of(chunk: bytes) -> AsyncIterator[bytes]:
    yield chunk
