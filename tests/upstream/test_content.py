"""A video is opened, watched while it flows, and let go of at once."""

import asyncio
import gzip

import httpx
import pytest

from dashboard.upstream import errors
from dashboard.upstream.client import Client
from dashboard.upstream.content import looks_like_video
from tests.upstream.conftest import RealClient
from tests.upstream.gateways import BASE, KEY, Handler, asking, reply
from tests.upstream.servers import Connection, answer, replying, serving

FILM = bytes(range(256)) * 4_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 1000\r\n\r\n"


async def taken(client: Client, **options: str) -> tuple[int, bytes]:
    async with client.open_content("t1", KEY, **options) as body:
        return body.status, b"".join([piece async for piece in body.chunks()])


async def test_it_streams_the_whole_video(real_client: RealClient) -> None:
    film = answer(body=FILM, Content_Type="video/mp4", ETag='"a"', Last_Modified="Thu, 01 Jan 2026 00:00:00 GMT")
    async with (
        serving(replying(film)) as server,
        real_client(server.base) as client,
        client.open_content("a/b", KEY) as body,
    ):
        received = b"".join([piece async for piece in body.chunks()])
    assert received == FILM
    assert (body.status, body.length, body.content_type, body.etag) == (200, len(FILM), "video/mp4", '"a"')
    assert (body.framed, body.content_range, body.last_modified) == (True, None, "Thu, 01 Jan 2026 00:00:00 GMT")
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


async def test_it_reads_no_body_of_a_head() -> None:
    async with (
        asking(lambda request: httpx.Response(200, headers={"content-length": "9"})) as client,
        client.open_content("t1", KEY, method="HEAD") as body,
    ):
        assert (body.length, [piece async for piece in body.chunks()]) == (9, [])


async def test_it_asks_with_get_where_head_is_refused() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404 if request.method == "HEAD" else 200, content=b"film")

    async with asking(handler) as client, client.open_content("t1", KEY, method="HEAD") as body:
        assert (body.status, body.length, [piece async for piece in body.chunks()]) == (200, 4, [])


CASES: list[tuple[Handler, type[errors.UpstreamError]]] = [
    (reply(200, body=b"<html>", kind="text/html; charset=utf-8"), errors.NotVideo),
    (reply(206, body=b"<html>", kind="application/xhtml+xml"), errors.NotVideo),
    (reply(200, {"error": {"message": "no"}}), errors.NotVideo),
    (reply(200, {"url": "javascript:alert(1)"}), errors.NotVideo),
    (reply(200, [1]), errors.NotVideo),
    (reply(200, body=b"film", kind="video/mp4", content_encoding="gzip"), errors.NotVideo),
    (reply(400, {"error": {"message": "not completed"}}), errors.NotReady),
    (reply(202), errors.NotReady),
    (reply(400, {"code": "task_not_exist"}), errors.TaskMissing),
    (reply(404), errors.TaskMissing),
    (reply(410), errors.TaskMissing),
    (reply(401), errors.KeyRefused),
    (reply(403), errors.KeyRefused),
    (reply(429, retry_after="3"), errors.Slowed),
    (reply(408), errors.Unavailable),
    (reply(502, body=b"<html>", kind="text/html"), errors.Unavailable),
    (reply(204, body=b""), errors.BadAnswer),
    (reply(300, body=b""), errors.BadAnswer),
    (reply(412), errors.BadAnswer),
    (reply(302, location="/again"), errors.BadAnswer),
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
        with pytest.raises(errors.TaskMissing):
            async with client.open_url("https://cdn.example.com/a"):
                pass


@pytest.mark.parametrize(("status", "kind"), [(429, errors.Slowed), (500, errors.Unavailable), (409, errors.BadAnswer)])
async def test_a_link_may_be_out_of_order(status: int, kind: type[errors.UpstreamError]) -> None:
    async with asking(reply(status)) as client:
        with pytest.raises(kind):
            async with client.open_url("https://cdn.example.com/a"):
                pass


class Places:
    """Several hosts in one handler, and who was given a key."""

    def __init__(self, **answers: Handler) -> None:
        self._answers = answers
        self.keyed: list[str] = []
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host.partition(".")[0]
        self.asked.append(f"{request.method} {host}")
        if "authorization" in request.headers:
            self.keyed.append(host)
        return self._answers[host](request)


async def test_it_drops_the_key_off_the_origin() -> None:
    cdn = lambda request: httpx.Response(206, content=request.headers["range"])  # noqa: E731
    places = Places(gateway=reply(302, location="https://cdn.example/a"), cdn=cdn)
    async with asking(places) as client:
        assert await taken(client, range_header="bytes=0-") == (206, b"bytes=0-")
    assert (places.asked, places.keyed) == (["GET gateway", "GET cdn"], ["gateway"])


async def test_it_drops_the_key_on_another_port_and_scheme() -> None:
    for location in (f"{BASE}:8443/a", "http://gateway.example/a"):
        keyed: list[bool] = []

        def handler(request: httpx.Request, location: str = location, keyed: list[bool] = keyed) -> httpx.Response:
            keyed.append("authorization" in request.headers)
            return httpx.Response(200, content=b"x") if len(keyed) > 1 else reply(302, location=location)(request)

        async with asking(handler) as client:
            await taken(client)
        assert keyed == [True, False]


async def test_it_never_picks_the_key_up_again() -> None:
    places = Places(gateway=reply(302, location="https://cdn.example/a"), cdn=reply(302, location=f"{BASE}/admin"))
    async with asking(places) as client:
        with pytest.raises(errors.BadAnswer):
            await taken(client)
    assert (places.asked, places.keyed) == (["GET gateway", "GET cdn"] * 2, ["gateway"])


async def test_it_keeps_the_key_within_the_origin() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        moved = request.url.path == "/moved"
        assert "authorization" in request.headers
        return httpx.Response(200, content=b"film") if moved else httpx.Response(307, headers={"location": "/moved"})

    async with asking(handler) as client:
        assert await taken(client) == (200, b"film")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("partial", [False, True])
async def test_it_opens_the_url_in_json_without_a_key(method: str, partial: bool) -> None:
    def gateway(request: httpx.Request) -> httpx.Response:
        document = {"data": {"url": "https://cdn.example/a"}}
        status = 206 if partial and "range" in request.headers else 200
        return httpx.Response(
            status, json=document if request.method == "GET" else None, headers={"content-type": "application/json"}
        )

    places = Places(gateway=gateway, cdn=lambda request: httpx.Response(206, content=b"film"))
    async with asking(places) as client:
        status, film = await taken(client, method=method, range_header="bytes=0-3")
    assert (status, film) == (206, b"film" if method == "GET" else b"")
    assert places.asked[-1] == f"{method} cdn"
    assert "cdn" not in places.keyed


async def test_it_sends_no_key_with_a_url_of_the_gateway_in_json() -> None:
    keyed: dict[str, bool] = {}

    def handler(request: httpx.Request) -> httpx.Response:
        keyed[request.url.path] = "authorization" in request.headers
        if request.url.path == "/files/a.mp4":
            return httpx.Response(200, content=b"film")
        return httpx.Response(200, json={"url": f"{BASE}/files/a.mp4"})

    async with asking(handler) as client:
        assert await taken(client) == (200, b"film")
    assert keyed == {"/v1/videos/t1/content": True, "/files/a.mp4": False}


async def test_it_sends_no_key_with_a_url_of_the_gateway() -> None:
    places = Places(gateway=reply(200, body=b"film", kind="video/mp4"))
    async with asking(places) as client, client.open_url(f"{BASE}/files/a.mp4"):
        pass
    assert places.keyed == []


async def test_it_keeps_a_signed_url_as_it_is(real_client: RealClient) -> None:
    path = "/a%20b/c.mp4?X-Sig=a%2Fb%2Bc%3D&e=1+2&k=%7Ex"
    async with (
        serving(replying(answer(body=b"film"))) as server,
        real_client(server.base) as client,
        client.open_url(server.base + path),
    ):
        pass
    assert server.heads[0].startswith(f"GET {path} HTTP/1.1\r\n")


async def test_a_real_redirect_leaves_the_key_behind(real_client: RealClient) -> None:
    async with serving(replying(answer(body=b"film"))) as store:
        moved = answer("302 Found", Location=f"{store.base}/signed", Set_Cookie="a=b; Domain=127.0.0.1")
        async with serving(replying(moved)) as gateway:
            options = {"allowed_private_hosts": [("127.0.0.1", store.port)]}
            async with real_client(gateway.base, **options) as client:
                assert await taken(client) == (200, b"film")
    assert "authorization" in gateway.heads[0].lower()
    assert "authorization" not in store.heads[0].lower()
    assert "cookie" not in store.heads[0].lower()


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
    film = httpx.Response(200, stream=httpx.ByteStream(bytes(size)), headers={"content-length": "4"})
    async with asking(lambda request: film) as client:
        with pytest.raises(errors.Unavailable):
            await taken(client)


async def test_a_chunked_body_cut_short_is_an_error(real_client: RealClient) -> None:
    cut = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfilm\r\n"
    async with serving(replying(cut, then_close=True)) as server, real_client(server.base) as client:
        with pytest.raises(errors.Unavailable):
            await taken(client)


async def test_it_flags_a_body_that_only_the_end_of_the_connection_ends(real_client: RealClient) -> None:
    unframed = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\nfilm"
    async with (
        serving(replying(unframed, then_close=True)) as server,
        real_client(server.base) as client,
        client.open_content("t1", KEY) as body,
    ):
        assert b"".join([piece async for piece in body.chunks()]) == b"film"
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
    async with serving(replying(HEAD + b"film")) as server, real_client(server.base, idle=0.1) as client:
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
    film = answer(body=FILM * 3)
    async with (
        serving(replying(film)) as server,
        real_client(server.base, slow_window=0.05, idle=0.1) as client,
        client.open_content("t1", KEY) as body,
    ):
        size = 0
        async for piece in body.chunks():
            size += len(piece)
            await asyncio.sleep(0.05)
    assert size == len(FILM) * 3


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
    async with serving(replying(HEAD + b"film")) as server, real_client(server.base) as client:
        async with client.open_content("t1", KEY) as body:
            assert await anext(body.chunks()) == b"film"
        await server.all_closed()


async def test_being_cancelled_closes_the_connection(real_client: RealClient) -> None:
    async with serving(replying(HEAD + b"film")) as server, real_client(server.base) as client:
        task = asyncio.create_task(taken(client))
        await server.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.all_closed()


async def test_its_pool_survives_two_hundred_seeks(real_client: RealClient) -> None:
    async with serving(replying(answer(body=FILM))) as server, real_client(server.base) as client:
        for number in range(200):
            task = asyncio.create_task(taken(client))
            for _ in range(number % 12):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        for _ in range(5):
            assert await taken(client) == (200, FILM)
        assert len(server.open) <= 2


async def test_it_hands_on_large_pieces(real_client: RealClient) -> None:
    async with (
        serving(replying(answer(body=FILM * 8))) as server,
        real_client(server.base) as client,
        client.open_content("t1", KEY) as body,
    ):
        sizes = [len(piece) async for piece in body.chunks()]
    assert sum(sizes) == len(FILM) * 8
    assert 65_536 <= max(sizes) <= 262_144


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41", "video/mp4"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "video/quicktime"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01webm", "video/webm"),
        (b"\x00\x00\x00\x1cftypavif", None),
        (b"\x00\x00\x00\x00ftypisom", None),
        (b"\x00\x00\x00\x20ftyp", None),
        (b"<!doctype html><!-- ftypisom -->", None),
        (b'{"url": "https://a/b"}', None),
        (b"%PDF-1.7", None),
        (b"PK\x03\x04", None),
        (b"", None),
    ],
)
def test_it_knows_a_video_by_its_first_bytes(head: bytes, kind: str | None) -> None:
    assert looks_like_video(head) == kind
