"""Clients whose gateway is a function."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from dashboard.upstream.client import Client
from dashboard.upstream.secret import Secret

KEY = Secret("sk-CANARY-0123456789-wxyz")
BASE = "https://gateway.example"
Handler = Callable[[httpx.Request], httpx.Response]


@asynccontextmanager
async def asking(handler: Handler, **options: float) -> AsyncIterator[Client]:
    client = Client(BASE, transport=httpx.MockTransport(handler), **options)  # type: ignore[arg-type]  # floats all
    try:
        yield client
    finally:
        await client.aclose()


def reply(
    status: int, document: object = None, *, body: bytes | None = None, kind: str = "application/json", **headers: str
) -> Handler:
    """Returns a gateway that gives the same response to everything."""
    content = json.dumps(document).encode() if body is None else body
    fields = {"content-type": kind, **{name.replace("_", "-"): text for name, text in headers.items()}}
    return lambda request: httpx.Response(status, stream=httpx.ByteStream(content), headers=fields)


async def taken(client: Client, **options: str) -> tuple[int, bytes]:
    async with client.open_content("t1", KEY, **options) as body:
        return body.status, b"".join([piece async for piece in body.chunks()])
