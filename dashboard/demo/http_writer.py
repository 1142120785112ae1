"""Writes to the connection directly, for responses that no well-behaved server would send."""

import asyncio
import socket
import struct
from collections.abc import Iterable

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

HIGH_WATER = 256 * 1024


class Spent(web.StreamResponse):
    """What a handler returns if the response has been written already, or never will be. The connection closes."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None


class Unbounded(web.StreamResponse):
    """A response with neither a length nor chunks: it ends when the connection closes."""

    _length_check = False


async def send(request: web.Request, data: bytes) -> None:
    """Sends bytes, and waits while the client doesn't read. Raises ConnectionError if the client is gone."""
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the client is gone")
    transport.write(data)
    await drain(transport, HIGH_WATER)


async def drain(transport: asyncio.WriteTransport, limit: int) -> None:
    """Waits until at most `limit` bytes are still buffered. Raises ConnectionError if the client is gone."""
    while transport.get_write_buffer_size() > limit:
        await asyncio.sleep(0.005)
        if transport.is_closing():
            raise ConnectionResetError("the client is gone")


def head(status: int, headers: Iterable[tuple[str, str]]) -> bytes:
    """Returns a status line and the headers exactly as given, with the blank line that ends them."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status} Demo\r\n{lines}\r\n".encode("latin-1", "replace")


async def close(request: web.Request) -> None:
    """Closes the connection normally (FIN) once everything written has been sent."""
    if request.transport is not None:
        request.transport.close()


async def reset(request: web.Request) -> None:
    """Resets the connection (RST) after sending what was written so far."""
    transport = request.transport
    if transport is None:
        return
    await drain(transport, 0)
    raw = transport.get_extra_info("socket")
    if raw is not None:
        # SO_LINGER with zero seconds makes close() send RST.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def for_ever() -> None:
    """Waits until the client disconnects, which cancels the handler."""
    await asyncio.Event().wait()
