"""The content generation API: another path, parts with roles, and files that are encoded while they are sent."""

import base64
import io
import json
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from dashboard.upstream.apis import PATHS, Api
from dashboard.upstream.errors import SubmissionUncertain, TaskNotFound, Unavailable
from dashboard.upstream.json_body import DataUrl, JsonBody
from dashboard.upstream.secret import Secret
from dashboard.upstream.volcengine_request import MediaPart, shape_of, volcengine_request
from tests.upstream.conftest import RealClient

KEY = Secret("sk-test-0000000000000000000000000001")
PATH = "/api/v3/contents/generations/tasks"
RUNNING = {"id": "cgt-2026-x", "model": "seedance", "status": "running"}


@asynccontextmanager
async def gateway(paths: Mapping[str, object], *, limit: int = 80_000_000) -> AsyncIterator[tuple[str, list[Any]]]:
    """Responds to these paths with JSON, to others with 404.

    Yields its URL and the list of requests: method, path, headers, body.
    """
    seen: list[Any] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append((request.method, request.path, dict(request.headers), await request.read()))
        if request.path in paths:
            return web.json_response(paths[request.path])
        return web.json_response({"error": {"message": "no such task", "code": "task_not_found"}}, status=404)

    application = web.Application(client_max_size=limit)
    application.router.add_route("*", "/{anything:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", seen
    finally:
        await runner.cleanup()


def data_url(content: bytes, media_type: str = "image/png") -> DataUrl:
    return DataUrl(io.BytesIO(content), media_type, len(content))


async def text_of(body: JsonBody) -> bytes:
    return b"".join([piece async for piece in body])


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 196_607, 196_608, 196_609, 500_000])
async def test_files_stand_in_the_document_as_data_urls(size: int) -> None:
    content = bytes(at % 251 for at in range(size))
    body = JsonBody({"a": [data_url(content), "x"], "b": {"c": data_url(b"second", "audio/wav")}, "d": 'ü"\n'})
    text = await text_of(body)
    assert len(text) == body.length
    assert json.loads(text) == {
        "a": [f"data:image/png;base64,{base64.b64encode(content).decode()}", "x"],
        "b": {"c": "data:audio/wav;base64,c2Vjb25k"},
        "d": 'ü"\n',
    }
    assert await text_of(body) == text  # a second path, or a redirect, gets the same bytes


@pytest.mark.parametrize("document", [{"a": data_url(bytes(500_000))}, {"a": "b"}])
async def test_a_body_may_be_sent_from_its_last_piece_on(document: dict[str, object]) -> None:
    """A server that has received the whole body may have accepted it, whatever happens to the connection then."""
    body = JsonBody(document)
    size = 0
    assert not body.is_sent
    async for piece in body:
        size += len(piece)
        assert body.is_sent == (size == body.length)
    assert body.is_sent


def test_a_body_takes_json_and_files_only() -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        JsonBody({"a": math.nan})
    with pytest.raises(TypeError):
        JsonBody({"a": object()})


async def test_a_task_is_created_and_read_under_its_own_path(real_client: RealClient) -> None:
    paths = {PATH: {"id": "cgt-2026-x"}, f"{PATH}/cgt-2026-x": RUNNING}
    media = [
        MediaPart("image", "first_frame", data_url(b"\x89PNG")),
        MediaPart("video", "reference_video", "https://x/y"),
    ]
    request = volcengine_request(
        "A sea", media, {"duration": 5.0, "fps": 24, "width": 1280, "height": 720}, {"watermark": 0}
    )
    async with gateway(paths) as (base, seen), real_client(base) as client:
        created = await client.create({"model": "seedance", **request}, KEY, api=Api.VOLCENGINE)
        reply = await client.retrieve("cgt-2026-x", KEY, api=Api.VOLCENGINE)
    assert (created.answer.task_id, created.api) == ("cgt-2026-x", Api.VOLCENGINE)
    assert (reply.answer.status, reply.api) == ("in_progress", Api.VOLCENGINE)
    (_, _, headers, body), (_, path, _, _) = seen
    assert path == f"{PATH}/cgt-2026-x"
    assert headers["Content-Length"] == str(len(body))
    assert "Transfer-Encoding" not in headers
    assert json.loads(body) == {
        "model": "seedance",
        "content": [
            {"type": "text", "text": "A sea"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}, "role": "first_frame"},
            {"type": "video_url", "video_url": {"url": "https://x/y"}, "role": "reference_video"},
        ],
        "duration": 5,
        "framespersecond": 24,
        "ratio": "16:9",
        "resolution": "720p",
        "watermark": 0,
    }


async def test_a_task_that_only_the_other_api_knows_is_found_there(real_client: RealClient) -> None:
    async with gateway({f"{PATH}/cgt-2026-x": RUNNING}) as (base, seen), real_client(base) as client:
        reply = await client.retrieve("cgt-2026-x", KEY)
    assert (reply.answer.status, reply.api) == ("in_progress", Api.VOLCENGINE)
    assert [path for _, path, _, _ in seen][-1] == f"{PATH}/cgt-2026-x"


async def test_a_gateway_may_read_all_tasks_under_its_usual_path(real_client: RealClient) -> None:
    async with gateway({"/v1/videos/cgt-2026-x": RUNNING}) as (base, _), real_client(base) as client:
        reply = await client.retrieve("cgt-2026-x", KEY, api=Api.VOLCENGINE)
    assert (reply.answer.status, reply.api) == ("in_progress", Api.VIDEOS)


async def test_a_task_that_nobody_knows_is_not_found(real_client: RealClient) -> None:
    async with gateway({}) as (base, seen), real_client(base) as client:
        with pytest.raises(TaskNotFound):
            await client.retrieve("cgt-2026-x", KEY)
    assert len(seen) == 3


async def test_a_gateway_without_the_api_is_asked_for_it_once(real_client: RealClient) -> None:
    async with gateway({PATH + "/T": {"message": "Not Found"}}) as (base, seen), real_client(base) as client:
        for _ in range(2):
            with pytest.raises(TaskNotFound):
                await client.retrieve("T", KEY)
    assert len([path for _, path, _, _ in seen if path.startswith(PATH)]) == 2  # the 200 means that it may have the API

    async def lacking(request: web.Request) -> web.StreamResponse:
        seen.append(request.path)
        if request.path.startswith("/api"):
            return web.Response(status=404, text="404 page not found")
        return web.json_response({"code": "task_not_exist", "message": "", "data": None}, status=400)

    seen.clear()
    runner = web.ServerRunner(web.Server(lacking))  # type: ignore[arg-type]  # takes a coroutine function
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with real_client(f"http://127.0.0.1:{runner.addresses[0][1]}") as client:
        for _ in range(3):
            with pytest.raises(TaskNotFound):
                await client.retrieve("T", KEY)
    await runner.cleanup()
    assert len([path for path in seen if path.startswith(PATH)]) == 1


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/", "/api/v3"])
async def test_the_base_url_may_end_as_sdks_want_it(real_client: RealClient, ending: str) -> None:
    async with gateway({PATH: {"id": "cgt-1"}}) as (base, _), real_client(base + ending) as client:
        created = await client.create({"model": "m", "content": []}, KEY, api=Api.VOLCENGINE)
    assert created.answer.task_id == "cgt-1"


@pytest.mark.parametrize(
    ("read", "error", "words"),
    [(10_000, Unavailable, "before the request was sent"), (None, SubmissionUncertain, "may have been started")],
    ids=["a part arrived", "all of it arrived"],
)
async def test_only_an_upload_that_broke_off_has_surely_started_nothing(
    real_client: RealClient, read: int | None, error: type[Exception], words: str
) -> None:
    async def leaving(request: web.Request) -> web.StreamResponse:
        await (request.content.read(read) if read else request.read())
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    application = web.Application(client_max_size=80_000_000)
    application.router.add_route("*", "/{anything:.*}", leaving)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    payload = {"model": "m", "content": [{"url": data_url(bytes(40_000_000))}]}
    async with real_client(f"http://127.0.0.1:{runner.addresses[0][1]}") as client:
        with pytest.raises(error, match=words):
            await client.create(payload, KEY, api=Api.VOLCENGINE)
    await runner.cleanup()


@pytest.mark.parametrize(
    ("width", "height", "ratio", "resolution"),
    [
        (1280, 720, "16:9", "720p"),
        (720, 1280, "9:16", "720p"),
        (1920, 1080, "16:9", "1080p"),
        (1920, 1088, "16:9", "1080p"),
        (864, 480, "16:9", "480p"),
        (960, 960, "1:1", "720p"),
        (1112, 834, "4:3", "720p"),
        (834, 1112, "3:4", "720p"),
        (1504, 640, "21:9", "720p"),
    ],
)
def test_a_size_is_told_as_ratio_and_resolution(width: int, height: int, ratio: str, resolution: str) -> None:
    assert shape_of(width, height) == {"ratio": ratio, "resolution": resolution}


@pytest.mark.parametrize(("width", "height"), [(1000, 900), (100, 100), (8192, 8192), (16, 8192), (1600, 900)])
def test_a_size_that_the_api_has_no_words_for_is_refused(width: int, height: int) -> None:
    with pytest.raises(ValueError, match="21:9, 16:9, 4:3, 1:1, 3:4, 9:16 at 480p, 720p, 1080p"):
        shape_of(width, height)


def test_the_shared_client_knows_both_apis() -> None:
    assert Api("") is Api.VIDEOS
    assert Api("volcengine").other is Api.VIDEOS
    assert PATHS.keys() == {*Api}
