"""A video may be on another host; the key is sent to the gateway only."""

import httpx
import pytest

from dashboard.upstream import errors
from tests.upstream.conftest import RealClient
from tests.upstream.gateways import BASE, Handler, asking, reply, taken
from tests.upstream.servers import answer, replying, serving


class Places:
    """Several hosts in one handler; records which of them received a key."""

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
        with pytest.raises(errors.InvalidResponse):
            await taken(client)
    assert (places.asked, places.keyed) == (["GET gateway", "GET cdn"] * 2, ["gateway"])


async def test_it_keeps_the_key_within_the_origin() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        moved = request.url.path == "/moved"
        assert "authorization" in request.headers
        return httpx.Response(200, content=b"video") if moved else httpx.Response(307, headers={"location": "/moved"})

    async with asking(handler) as client:
        assert await taken(client) == (200, b"video")


@pytest.mark.parametrize("partial", [False, True])
async def test_it_opens_the_url_in_json_without_a_key(partial: bool) -> None:
    def gateway(request: httpx.Request) -> httpx.Response:
        document = {"data": {"url": "https://cdn.example/a"}}
        status = 206 if partial and "range" in request.headers else 200
        return httpx.Response(status, json=document)

    places = Places(gateway=gateway, cdn=lambda request: httpx.Response(206, content=b"video"))
    async with asking(places) as client:
        status, video = await taken(client, range_header="bytes=0-3")
    assert (status, video) == (206, b"video")
    assert places.asked[-1] == "GET cdn"
    assert "cdn" not in places.keyed


async def test_it_sends_no_key_with_a_url_of_the_gateway_in_json() -> None:
    keyed: dict[str, bool] = {}

    def handler(request: httpx.Request) -> httpx.Response:
        keyed[request.url.path] = "authorization" in request.headers
        if request.url.path == "/files/a.mp4":
            return httpx.Response(200, content=b"video")
        return httpx.Response(200, json={"url": f"{BASE}/files/a.mp4"})

    async with asking(handler) as client:
        assert await taken(client) == (200, b"video")
    assert keyed == {"/v1/videos/t1/content": True, "/files/a.mp4": False}


async def test_it_sends_no_key_with_a_url_of_the_gateway() -> None:
    places = Places(gateway=reply(200, body=b"video", kind="video/mp4"))
    async with asking(places) as client, client.open_url(f"{BASE}/files/a.mp4"):
        pass
    assert places.keyed == []


async def test_it_keeps_a_signed_url_as_it_is(real_client: RealClient) -> None:
    path = "/a%20b/c.mp4?X-Sig=a%2Fb%2Bc%3D&e=1+2&k=%7Ex"
    async with (
        serving(replying(answer(body=b"video"))) as server,
        real_client(server.base) as client,
        client.open_url(server.base + path),
    ):
        pass
    assert server.heads[0].startswith(f"GET {path} HTTP/1.1\r\n")


async def test_a_real_redirect_leaves_the_key_behind(real_client: RealClient) -> None:
    async with serving(replying(answer(body=b"video"))) as store:
        moved = answer("302 Found", Location=f"{store.base}/signed", Set_Cookie="a=b; Domain=127.0.0.1")
        async with serving(replying(moved)) as gateway:
            options = {"allowed_private_hosts": [("127.0.0.1", store.port)]}
            async with real_client(gateway.base, **options) as client:
                assert await taken(client) == (200, b"video")
    assert "authorization" in gateway.heads[0].lower()
    assert "authorization" not in store.heads[0].lower()
    assert "cookie" not in store.heads[0].lower()
