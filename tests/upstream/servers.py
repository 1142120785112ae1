"""Small real servers on 127.0.0.1: a script responds to each request, and everything received is recorded."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx


@dataclass
class Seen:
    """What a server has received."""

    port: int = 0
    heads: list[str] = field(default_factory=list)  # the request line and headers of each request, as sent
    connected: int = 0
    open: set["Connection"] = field(default_factory=set)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)  # set whenever a connection has ended

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def all_closed(self) -> None:
        """Waits until no connection is open, for two seconds at most."""
        async with asyncio.timeout(2):
            while self.open:
                self.changed.clear()
                await self.changed.wait()


class Connection(asyncio.Protocol):
    """One connection; the script is canceled when the other side disconnects."""

    def __init__(self, seen: Seen, script: "Script") -> None:
        self._seen = seen
        self._script = script
        self._received = b""
        self._running: asyncio.Future[None] | None = None
        self._flows = asyncio.Event()
        self._flows.set()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._seen.connected += 1
        self._seen.open.add(self)

    def data_received(self, data: bytes) -> None:
        head, end, self._received = (self._received + data).partition(b"\r\n\r\n")
        if end:
            self._seen.heads.append(head.decode())
            self._seen.asked.set()
            self._running = asyncio.ensure_future(self._script(self, head.decode()))
        else:
            self._received = head

    def connection_lost(self, exc: Exception | None) -> None:
        self._seen.open.discard(self)
        self._seen.changed.set()
        self._flows.set()
        if self._running:
            self._running.cancel()

    def pause_writing(self) -> None:
        self._flows.clear()

    def resume_writing(self) -> None:
        self._flows.set()

    async def send(self, data: bytes) -> None:
        """Writes, and waits while the other side does not read."""
        self.transport.write(data)
        # Otherwise, a script that sends forever would keep the loop from noticing that the other side has disconnected.
        await asyncio.sleep(0)
        await self._flows.wait()

    def close(self) -> None:
        self.transport.close()


Script = Callable[[Connection, str], Awaitable[None]]


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[Seen]:
    """Runs `script(connection, head)` for each request; a connection stays open until either side closes it."""
    seen = Seen()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(seen, script), "127.0.0.1", 0)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
        for connection in list(seen.open):
            connection.transport.abort()
        await server.wait_closed()
        await seen.all_closed()


def answer(status: str = "200 OK", body: bytes = b"", **headers: str) -> bytes:
    """Returns a complete response; header names are written with _ for -."""
    fields = {"Content-Length": str(len(body)), **{name.replace("_", "-"): text for name, text in headers.items()}}
    lines = "".join(f"{name}: {text}\r\n" for name, text in fields.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def replying(data: bytes, *, then_close: bool = False) -> Script:
    """Returns a script that gives the same response to everything."""

    async def script(connection: Connection, head: str) -> None:
        await connection.send(data)
        if then_close:
            connection.close()

    return script


def speaking(handler: Callable[[httpx.Request], httpx.Response]) -> Script:
    """Returns a script that responds with a function's response."""
    said = handler(httpx.Request("POST", "http://gateway.example/v1/videos"))
    assert isinstance(said.stream, httpx.SyncByteStream)
    fields = {name.replace("-", "_"): value for name, value in said.headers.items() if name != "content-length"}
    return replying(answer(f"{said.status_code} {said.reason_phrase}", b"".join(said.stream), **fields))
