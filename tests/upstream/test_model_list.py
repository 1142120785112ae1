"""The models that a gateway offers with a key."""

import httpx
import pytest

from dashboard.upstream import errors, model_list
from dashboard.upstream.client import Client
from dashboard.upstream.secret import Secret
from tests.support.gateway import Gateway
from tests.upstream.gateways import BASE, KEY, Handler, asking, reply


@pytest.mark.parametrize(
    ("document", "models"),
    [
        ({"object": "list", "data": [{"id": "sora-2"}, {"id": "kling-v2"}, {"id": "sora-2"}]}, ["sora-2", "kling-v2"]),
        ({"data": ["a", 7, None, {"id": ""}, {"id": "x" * 201}, {"name": "b"}]}, ["a", "b"]),
        ({"models": [{"name": "models/veo-3"}]}, ["models/veo-3"]),
        ([{"id": "a"}], ["a"]),
        ({"data": {"id": "a"}}, []),
        ({"success": True}, []),
        ("a", []),
        (None, []),
    ],
)
def test_it_reads_lists_as_gateways_write_them(document: object, models: list[str]) -> None:
    assert model_list.model_ids(document) == models


def test_it_stops_at_a_limit() -> None:
    assert len(model_list.model_ids({"data": [f"m{number}" for number in range(5_000)]})) == model_list.MOST


async def test_it_asks_the_gateway_with_the_key() -> None:
    requests: list[httpx.Request] = []

    def listing(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return reply(200, {"data": [{"id": "sora-2"}]})(request)

    async with asking(listing) as client:
        assert await client.models(KEY) == ["sora-2"]
    assert [str(one.url) for one in requests] == [f"{BASE}/v1/models"]
    assert requests[0].headers["Authorization"] == f"Bearer {KEY.reveal()}"


@pytest.mark.parametrize(
    "answer",
    [
        reply(404, {"error": {"message": "Invalid URL (GET /v1/models)"}}),
        reply(200, body=b"<!doctype html><title>App</title>", kind="text/html"),
        reply(200, {"success": True}),
    ],
)
async def test_a_gateway_without_a_list_offers_none(answer: Handler) -> None:
    async with asking(answer) as client:
        assert await client.models(KEY) == []


async def test_a_refused_key_is_an_error(gateway: Gateway) -> None:
    client = Client(gateway.url, allowed_private_hosts=gateway.hostports)
    with pytest.raises(errors.KeyRefused):
        await client.models(Secret("sk-unknown-000000000000"))
    await client.aclose()
