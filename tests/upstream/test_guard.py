"""URLs from answers: there is no connection to an address that isn't clearly public."""

import socket

import httpx
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from dashboard.upstream import errors
from dashboard.upstream.client import Client
from dashboard.upstream.guard import Guard, GuardedResolver, is_public, origin_of
from tests.upstream.gateways import KEY, asking
from tests.upstream.servers import replying, serving

_SPECIAL = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.0.0.2 127.255.255.255 169.254.0.1
169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1
192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 64:ff9b::7f00:1
64:ff9b::a9fe:a9fe 64:ff9b:1::a00:1 100::1 2001::1 2001:0:7f00:1:: 2001:2::1 2001:10::1 2001:20::1 2001:db8::1
2002:7f00:1:: 2002:a00:1:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 ff0e::1
"""
_GLOBAL = "1.1.1.1 8.8.8.8 172.15.0.1 172.32.0.1 100.63.0.1 2606:4700::1111 2a00:1450:4001:81b::200e"

REFUSED_URLS = [
    "ftp://example.com/a",
    "ftp://example.com:8080/a",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "data:video/mp4;base64,AAAA",
    "ws://example.com/",
    "http:///a",
    "//example.com/a",
    "http://alice@example.com/",
    "http://alice:secret@example.com/",
    "http://1.1.1.1@127.0.0.1/",
    "http://127.0.0.1#@1.1.1.1/",
    "http://127.0.0.1?@1.1.1.1/",
    "http://example.com:22/",
    "http://example.com:25/",
    "http://example.com:6379/",
    "http://example.com:5432/",
    "http://example.com:2375/",
    "http://2130706433/",
    "http://017700000001/",
    "http://127.1/",
    "http://127.0.1/",
    "http://0177.0.0.1/",
    "http://127.0.0.1./",
    "http://127.000.000.001/",
    "http://0/",
    "http://[::]:80/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]/",
    "http://127。0。0。1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1\\@1.1.1.1/",
    "http://[fe80::1%25lo]/",
]
REFUSED_NAMES = ["localhost", "localhost.", "LOCALHOST", "0x7f000001", "0x7f.1", "0x7f.0x0.0x0.0x1"]


@pytest.mark.parametrize("address", _SPECIAL.split())
def test_an_address_is_not_public(address: str) -> None:
    assert not is_public(address)
    host = f"[{address.replace('%', '%25')}]" if ":" in address else address
    with pytest.raises((errors.BlockedAddress, httpx.InvalidURL)):
        Guard().check(httpx.URL(f"https://{host}/video.mp4"))


@pytest.mark.parametrize("address", _GLOBAL.split())
def test_an_address_is_public(address: str) -> None:
    assert is_public(address)
    host = f"[{address}]" if ":" in address else address
    Guard().check(httpx.URL(f"https://{host}/video.mp4"))


@pytest.mark.parametrize("url", REFUSED_URLS)
async def test_a_url_is_refused_before_anything_is_sent(url: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"sent to {request.url}")

    async with asking(handler) as client:
        with pytest.raises((errors.BlockedAddress, errors.InvalidResponse)):
            async with client.open_url(url):
                pass


@pytest.mark.parametrize(
    "url", ["https://cdn.example.com/a?b=c", "http://cdn.example.com:8080/", "https://bücher.example/"]
)
def test_a_url_is_followed(url: str) -> None:
    Guard().check(httpx.URL(url))


class Names(AbstractResolver):
    """A name server that gives the next answer to each query."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in found
        ]

    async def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["::1"], ["1.1.1.1", "127.0.0.1"], ["127.0.0.1", "1.1.1.1"]])
async def test_a_name_is_refused_for_any_of_its_addresses(addresses: list[str]) -> None:
    with pytest.raises(errors.BlockedAddress):
        await GuardedResolver(Guard(), Names(addresses)).resolve("cdn.example.com", 443)


async def test_a_name_resolves_to_public_addresses() -> None:
    names = Names(["1.1.1.1", "8.8.8.8"])
    resolver = GuardedResolver(Guard(), names)
    assert [found["host"] for found in await resolver.resolve("cdn.example.com", 443)] == ["1.1.1.1", "8.8.8.8"]
    await resolver.close()
    assert names.closed


async def test_a_name_without_addresses_is_an_error_of_the_network() -> None:
    with pytest.raises(OSError, match="no address"):
        await GuardedResolver(Guard(), Names([])).resolve("cdn.example.com", 443)


async def test_the_exemption_is_for_one_port() -> None:
    guard = Guard([("Store.Internal", 9000), ("127.0.0.1", 9000)])
    guard.check(httpx.URL("http://127.0.0.1:9000/a"))
    assert await GuardedResolver(guard, Names(["10.0.0.5"])).resolve("store.internal.", 9000)
    with pytest.raises(errors.BlockedAddress):
        await GuardedResolver(guard, Names(["10.0.0.5"])).resolve("store.internal", 8080)
    with pytest.raises(errors.BlockedAddress):
        guard.check(httpx.URL("http://127.0.0.1:8080/a"))
    with pytest.raises(errors.BlockedAddress):
        guard.check(httpx.URL("http://127.0.0.2:9000/a"))


@pytest.mark.parametrize("host", REFUSED_NAMES)
async def test_no_connection_is_made_to_a_name_of_this_machine(host: str) -> None:
    async with serving(replying(b"")) as server:
        client = Client("https://gateway.example")
        with pytest.raises((errors.BlockedAddress, errors.Unavailable)):
            async with client.open_url(f"http://{host}:{server.port}/a"):
                pass
        await client.aclose()
        assert server.connected == 0


async def test_a_name_that_changes_its_mind_gains_nothing() -> None:
    async with serving(replying(b"")) as server:
        for answers in (["127.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["::ffff:127.0.0.1"]):
            names = Names(["1.1.1.1"], answers)
            await names.resolve("cdn.example.com")  # an earlier lookup returned a public address
            client = Client("https://gateway.example", resolver=names)
            with pytest.raises(errors.BlockedAddress):
                async with client.open_url(f"http://cdn.example.com:{server.port}/a"):
                    pass
            await client.aclose()
        assert server.connected == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "cdn.example.com"])
async def test_a_redirect_to_this_machine_is_refused(host: str) -> None:
    async with serving(replying(b"")) as inside:
        redirect = f"HTTP/1.1 302 Found\r\nLocation: http://{host}:{inside.port}/\r\nContent-Length: 0\r\n\r\n"
        async with serving(replying(redirect.encode())) as gateway:
            client = Client(gateway.base, resolver=Names(["127.0.0.1"]))
            with pytest.raises(errors.BlockedAddress):
                async with client.open_content("t1", KEY):
                    pass
            await client.aclose()
        assert inside.connected == 0


async def test_the_transport_itself_refuses_literals() -> None:
    async with serving(replying(b"", then_close=True)) as server:
        client = Client("https://gateway.example")
        with pytest.raises(errors.BlockedAddress):
            await client._content.send("GET", httpx.URL(f"{server.base}/a"), {})
        await client.aclose()
        assert server.connected == 0


def test_an_origin_has_its_port_filled_in() -> None:
    assert origin_of(httpx.URL("https://A.example/x")) == origin_of(httpx.URL("https://a.example:443/"))
    assert origin_of(httpx.URL("http://a.example/")) != origin_of(httpx.URL("https://a.example/"))
