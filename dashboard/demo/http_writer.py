"""Writing past aiohttp, for answers that no well-behaved server would send."""

import asyncio
import socket
import struct
from collections.abc import Iterable

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

HIGH_WATER = 256 * 1024


class Spent(web.StreamResponse):
    """What a handler returns when the answer has been written already, or never will be; the connection closes."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None


class Unbounded(web.StreamResponse):
    """A response with neither a length nor chunks: its end is the end of the connection."""

    _length_check = False


async def send(request: web.Request, data: bytes) -> None:
    """Put bytes on the connection, waiting while the client does not read. Raises ConnectionError when it is gone."""
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the client is gone")
    transport.write(data)
    await settle(transport, HIGH_WATER)


async def settle(transport: asyncio.WriteTransport, limit: int) -> None:
    """Wait until at most `limit` bytes are still to leave. Raises ConnectionError when the client is gone."""
    while transport.get_write_buffer_size() > limit:
        await asyncio.sleep(0.005)
        if transport.is_closing():
            raise ConnectionResetError("the client is gone")


def head(status: int, headers: Iterable[tuple[str, str]]) -> bytes:
    """A status line and headers, ended, exactly as given."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status} Demo\r\n{lines}\r\n".encode("latin-1", "replace")


async def close(request: web.Request) -> None:
    """End the connection in an orderly way (FIN) once everything written has left."""
    if request.transport is not None:
        request.transport.close()


async def reset(request: web.Request) -> None:
    """Break the connection off (RST) after what was written so far."""
    transport = request.transport
    if transport is None:
        return
    await settle(transport, 0)
    raw = transport.get_extra_info("socket")
    if raw is not None:
        # Linger on with zero seconds is what makes close() send RST.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def for_ever() -> None:
    """Wait until the client leaves: that cancels the handler."""
    await asyncio.Event().wait()
