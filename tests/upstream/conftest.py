"""A client with real sockets."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from dashboard.upstream.client import Client

RealClient = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def real_client() -> RealClient:
    @asynccontextmanager
    async def opened(base: str, **options: float) -> AsyncIterator[Client]:
        client = Client(base, **options)  # type: ignore[arg-type]  # floats all
        try:
            yield client
        finally:
            await client.aclose()

    return opened
