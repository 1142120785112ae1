"""A video is opened, monitored while it is sent, and released immediately."""

import httpx
import pytest

from dashboard.upstream import errors
from tests.upstream.conftest import RealClient
from tests.upstream.gateways import KEY, Handler, asking, reply, taken
from tests.upstream.servers import answer, replying, serving

VIDEO = bytes(range(256)) * 4_000


async def test_it_streams_the_whole_video(real_client: RealClient) -> None:
    video = answer(body=VIDEO, Content_Type="video/mp4", ETag='"a"')
    async with (
        serving(replying(video)) as server,
        real_client(server.base) as client,
        client.open_content("a/b", KEY) as body,
    ):
        received = b"".join([piece async for piece in body.chunks()])
    assert received == VIDEO
    assert (body.status, body.length, body.content_type, body.etag) == (200, len(VIDEO), "video/mp4", '"a"')
    assert (body.framed, body.content_range) == (True, None)
    assert server.heads[0].startswith("GET /v1/videos/a%2Fb/content HTTP/1.1\r\n")
    assert f"authorization: bearer {KEY.reveal()}".lower() in server.heads[0].lower()


async def test_it_forwards_range_and_if_range() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(206, content=b"ab", headers={"content-range": "bytes 0-1/9"})

    async with asking(handler) as client:
        async with client.open_content("t1", KEY, range_header="bytes=0-1", if_range='"a"') as body:
            assert [piece async for piece in body.chunks()] == [b"ab"]
        async with client.open_content("t1", KEY, range_header="bytes=0-1\r\nX: y", if_range="é"):
            pass
    assert (body.status, body.content_range) == (206, "bytes 0-1/9")
    assert (seen[0].headers["range"], seen[0].headers["if-range"]) == ("bytes=0-1", '"a"')
    assert "range" not in seen[1].headers


@pytest.mark.parametrize("status", [304, 416])
async def test_it_relays_a_status_without_its_body(status: int) -> None:
    async with (
        asking(reply(status, body=b"text", content_range="bytes */9")) as client,
        client.open_content("t1", KEY) as body,
    ):
        assert (body.status, [piece async for piece in body.chunks()]) == (status, [])


async def test_it_counts_the_bytes_itself() -> None:
    """Regardless of how the transport treats a body that ends too early."""
    async with (
        asking(reply(200, body=b"ab", content_type="video/mp4", content_length="9")) as client,
        client.open_content("t1", KEY) as body,
    ):
        with pytest.raises(errors.Unavailable, match="2 of 9 bytes"):
            [piece async for piece in body.chunks()]


CASES: list[tuple[Handler, type[errors.UpstreamError]]] = [
    (reply(200, body=b"<html>", kind="text/html; charset=utf-8"), errors.NotVideo),
    (reply(206, body=b"<html>", kind="application/xhtml+xml"), errors.NotVideo),
    (reply(200, {"error": {"message": "no"}}), errors.NotVideo),
    (reply(200, {"url": "javascript:alert(1)"}), errors.NotVideo),
    (reply(200, [1]), errors.NotVideo),
    (reply(200, body=b"video", kind="video/mp4", content_encoding="gzip"), errors.NotVideo),
    (reply(400, {"error": {"message": "not completed"}}), errors.NotReady),
    (reply(202), errors.NotReady),
    (reply(400, {"code": "task_not_exist"}), errors.TaskNotFound),
    (reply(404), errors.TaskNotFound),
    (reply(410), errors.TaskNotFound),
    (reply(401), errors.KeyRefused),
    (reply(403), errors.KeyRefused),
    (reply(429, retry_after="3"), errors.RateLimited),
    (reply(408), errors.Unavailable),
    (reply(502, body=b"<html>", kind="text/html"), errors.Unavailable),
    (reply(204, body=b""), errors.InvalidResponse),
    (reply(300, body=b""), errors.InvalidResponse),
    (reply(412), errors.InvalidResponse),
    (reply(302, location="/again"), errors.InvalidResponse),
    (reply(302, location="http://[::1/"), errors.Unavailable),
]


@pytest.mark.parametrize(("handler", "kind"), CASES)
async def test_it_says_what_came_instead(handler: Handler, kind: type[errors.UpstreamError]) -> None:
    async with asking(handler) as client:
        with pytest.raises(errors.UpstreamError) as caught:
            await taken(client)
    assert type(caught.value) is kind


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_a_refused_link_has_expired(status: int) -> None:
    async with asking(reply(status)) as client:
        with pytest.raises(errors.TaskNotFound):
            async with client.open_url("https://cdn.example.com/a"):
                pass


@pytest.mark.parametrize(
    ("status", "kind"), [(429, errors.RateLimited), (500, errors.Unavailable), (409, errors.InvalidResponse)]
)
async def test_a_link_may_be_out_of_order(status: int, kind: type[errors.UpstreamError]) -> None:
    async with asking(reply(status)) as client:
        with pytest.raises(kind):
            async with client.open_url("https://cdn.example.com/a"):
                pass
