"""Videos inside an answer: found in answers of any size, removed from them, and decoded on request."""

import asyncio
import base64
import json
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.demo.video_files import random_video
from dashboard.upstream import errors, http_exchange, inline_videos
from dashboard.upstream.client import Client
from dashboard.upstream.inline_videos import LONG, InlineVideos
from tests.upstream.conftest import RealClient
from tests.upstream.gateways import KEY, asking
from tests.upstream.servers import answer, replying, serving

MP4 = b"\0\0\0\x18ftypmp42" + random_video()[12:]
WEBM = b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 40
SMALL = b"\0\0\0\x18ftypisom" + bytes(range(250))


def encoded(video: bytes) -> str:
    return base64.b64encode(video).decode()


def pieces(body: bytes, seed: int = 1) -> Iterator[bytes]:
    rng, position = Random(seed), 0
    while position < len(body):
        size = rng.choice((1, 2, 3, 7, 1_000, 65_536))
        yield body[position : position + size]
        position += size


def cut(body: bytes, wanted: int = 0) -> tuple[Any, bytes, InlineVideos]:
    videos, kept, decoded = InlineVideos(wanted), b"", b""
    for piece in pieces(body):
        kept += videos.feed(piece)
        decoded += videos.take()
    return json.loads(kept), decoded + videos.take(at_end=True), videos


FORMS = [
    ("plain", encoded),
    ("data url", lambda video: f"data:video/mp4;base64,{encoded(video)}"),
    ("url-safe", lambda video: base64.urlsafe_b64encode(video).decode()),
    ("without padding", lambda video: encoded(video).rstrip("=")),
    ("lines", lambda video: base64.encodebytes(video).decode()),
]


@pytest.mark.parametrize("form", [form for _, form in FORMS], ids=[name for name, _ in FORMS])
@pytest.mark.parametrize("video", [MP4, WEBM, SMALL, SMALL + b"x", SMALL + b"xy"], ids=len)
def test_it_is_cut_out_and_decoded(form: Any, video: bytes) -> None:
    body = json.dumps({"id": "T", "status": "completed", "b64_json": form(video), "after": 'a "quoted" word'}).encode()
    document, decoded, videos = cut(body, 1)
    assert document == {"id": "T", "status": "completed", "b64_json": "inline:1", "after": 'a "quoted" word'}
    assert decoded == video
    assert videos.is_past_wanted


@pytest.mark.parametrize(
    "escape", [lambda text: text.replace("/", "\\/"), lambda text: text.replace("+", "\\u002B").replace("=", "\\u003d")]
)
def test_escapes_are_read_as_json_reads_them(escape: Any) -> None:
    body = b'{"video": "' + escape(encoded(MP4)).encode() + b'"}'
    assert json.loads(body)["video"] == encoded(MP4)
    assert cut(body, 1)[1] == MP4


def test_each_has_an_address_of_its_own() -> None:
    picture = encoded(b"\x89PNG\r\n\x1a\n" + bytes(LONG))
    body = json.dumps({"cover": picture, "videos": [{"base64": encoded(SMALL)}, {"base64": encoded(WEBM)}]}).encode()
    document, decoded, videos = cut(body, 2)
    assert document["videos"] == [{"base64": "inline:1"}, {"base64": "inline:2"}]
    assert document["cover"] == "(a long text was left out)"
    assert (decoded, videos.count) == (WEBM, 2)


TEXTS = st.text(max_size=400)
SCALARS = st.none() | st.integers() | TEXTS
DOCUMENTS = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20)


@given(DOCUMENTS)
def test_all_else_stays_as_it_is(document: object) -> None:
    for ascii_only in (True, False):
        body = json.dumps(document, ensure_ascii=ascii_only).encode()
        assert cut(body)[0] == document


@given(st.binary(max_size=2_000))
def test_bytes_that_are_no_json_go_through(body: bytes) -> None:
    videos = InlineVideos(1)
    kept = b"".join(videos.feed(piece) for piece in pieces(body))
    assert len(kept) <= len(body)
    try:
        videos.take(at_end=True)
    except inline_videos.BrokenVideo:
        assert videos.count


async def test_an_answer_of_30_mb_is_read_in_little_memory(real_client: RealClient) -> None:
    video = b"\0\0\0\x18ftypmp42" + bytes(22_000_000)
    body = json.dumps({"id": "T", "status": "completed", "videos": [{"bytesBase64Encoded": encoded(video)}]}).encode()
    async with (
        serving(replying(answer(body=body, content_type="application/json"))) as server,
        real_client(server.base) as client,
    ):
        found = await client.retrieve("T", KEY)
        assert (found.answer.status, found.answer.video_urls) == ("completed", ("inline:1",))
        assert len(found.raw.body) < 1_000
        async with client.open_inline("T", KEY, 1) as opened:
            got = b"".join([chunk async for chunk in opened.chunks()])
    assert got == video


async def test_one_is_read_at_a_time_in_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The poller's loop reads such answers, and so do the threads of views, each with its own client."""
    under_way, most, turns = 0, 0, 0
    turn = http_exchange._large_turn

    @asynccontextmanager
    async def counted() -> AsyncIterator[None]:
        nonlocal under_way, most, turns
        async with turn():
            under_way, turns = under_way + 1, turns + 1
            most = max(most, under_way)
            await asyncio.sleep(0.01)
            yield
            under_way -= 1

    async def asked(base: str) -> tuple[str, ...]:
        client = Client(base)
        try:
            found = await asyncio.gather(*(client.retrieve("T", KEY) for _ in range(2)))
        finally:
            await client.aclose()
        return tuple(url for one in found for url in one.answer.video_urls)

    monkeypatch.setattr(http_exchange, "_large_turn", counted)
    body = json.dumps({"id": "T", "status": "completed", "b64_json": encoded(SMALL + bytes(3_000_000))}).encode()
    async with serving(replying(answer(body=body, content_type="application/json"))) as server:
        in_threads = (asyncio.to_thread(asyncio.run, asked(server.base)) for _ in range(2))
        found = await asyncio.gather(asked(server.base), *in_threads)
    assert found == [("inline:1", "inline:1")] * 3
    assert (most, turns) == (1, 6)


def too_large() -> bytes:
    return json.dumps({"id": "T", "status": "completed", "list": ["x" * 1_000] * 3_000}).encode()


@pytest.mark.parametrize("body", [too_large(), b'["' + b"a" * 3_000_000, b'"' + b"a" * 3_000_000])
async def test_what_is_large_without_a_video_is_refused(body: bytes) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=body, headers={"content-type": "application/json"})

    async with asking(handler) as client:
        with pytest.raises(errors.InvalidResponse):
            await client.retrieve("T", KEY)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"id": "T", "status": "completed"}', errors.NotVideo),
        (b'{"b64_json": "' + encoded(MP4).encode()[:300_000], errors.InvalidResponse),
    ],
)
async def test_a_video_that_is_not_whole_is_no_video(
    real_client: RealClient, body: bytes, kind: type[errors.UpstreamError]
) -> None:
    async with (
        serving(replying(answer(body=body, content_type="application/json"))) as server,
        real_client(server.base) as client,
    ):
        with pytest.raises(kind):
            async with client.open_inline("T", KEY, 1) as opened:
                _ = [chunk async for chunk in opened.chunks()]


async def test_the_errors_of_the_answer_are_those_of_a_poll() -> None:
    async with asking(lambda request: httpx.Response(401, json={"error": {"message": "no"}})) as client:
        with pytest.raises(errors.KeyRefused):
            async with client.open_inline("T", KEY, 1):
                raise AssertionError("it opened")


async def test_an_answer_that_breaks_off_keeps_its_end() -> None:
    body = b'{"note": "' + b"AAAA" * 60 + b'", "error": "half a sent'
    async with asking(lambda request: httpx.Response(200, content=body)) as client:
        with pytest.raises(errors.InvalidResponse) as caught:
            await client.retrieve("T", KEY)
    assert caught.value.raw is not None
    assert caught.value.raw.body.endswith('"half a sent')


def test_memory_does_not_grow_with_the_text() -> None:
    def peak(size: int) -> int:
        videos = InlineVideos()
        tracemalloc.start()
        videos.feed(b'{"b64_json": "' + encoded(SMALL).encode())
        for _ in range(size // 1_000):
            videos.feed(b"A" * 1_000)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(20_000_000) < 1_000_000
