"""The server: uvicorn with request limits, droppable connections, and streams that close first at shutdown."""

import asyncio
import resource
import signal
import socket
import struct
from asyncio import TimerHandle
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from django.conf import settings
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from dashboard.live.hub import hub
from dashboard.web import headers, server_extension

HEADER_LIMIT = 32 * 1024  # bytes of a request before its body
HEADER_DEADLINE = 10.0  # seconds to receive the headers
LOOK_EVERY = 1.0  # seconds between checks of a client that isn't reading all bytes
SOME = 16 * 1024  # bytes; a client that accepts less than this before the deadline is dropped
BYTES_ACKED = struct.Struct("120xQ")  # tcpi_bytes_acked in Linux's struct tcp_info
SHUTDOWN = 3  # seconds for open requests at shutdown
OPEN_FILE_LIMIT = 65_536


class HeadersTooLarge(Exception):
    """Raised to stop parsing a request. The client gets a 400."""


class Connection(HttpToolsProtocol):
    """A client connection with features that uvicorn lacks.

    It limits the size and time of headers, drops clients that stop reading, and lets the application drop a connection.
    A client that has stopped reading must be dropped, because closing waits until it has read everything.
    """

    _head = 0  # bytes received so far of the current request's headers
    _deadline: TimerHandle | None = None
    _look: TimerHandle | None = None
    _taken = 0  # bytes that the client had acknowledged at `_moved_at`
    _moved_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._start_header_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_header_timer()
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_reader()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._expect_reader()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._deadline is not None:
            self._head += len(data)
            if self._head > HEADER_LIMIT and not self.transport.is_closing():
                self.send_400_response("Request head too large.")

    def send_400_response(self, msg: str) -> None:
        """Like uvicorn's, but with our security headers. The application never sees an invalid request."""
        body = msg.encode("ascii")
        ours = (*headers.BASE_FIELDS, *headers.text_fields(body), (b"connection", b"close"))
        fields = [*self.server_state.default_headers, *ours]
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in fields)
        self.transport.write(STATUS_LINE[400] + lines + b"\r\n" + body)
        self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        offered: dict[object, object] = {"abort": self.transport.abort}
        offered |= {"bound": self._set_send_limits, "stalled_for": self._stalled_for}
        self.scope["extensions"] = {server_extension.EXTENSION: offered}
        self._start_header_timer()

    def on_headers_complete(self) -> None:
        self._stop_header_timer()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEADER_LIMIT:
            raise HeadersTooLarge
        super().on_headers_complete()

    def _set_send_limits(self, unsent: int, unacknowledged: int) -> None:
        """Makes writers wait beyond `unsent` bytes. Drops the client after `unacknowledged` seconds without an ACK."""
        self.transport.set_write_buffer_limits(unsent)
        self.transport.get_extra_info("socket").setsockopt(
            socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, unacknowledged * 1_000
        )

    def _stalled_for(self) -> float:
        """Returns the seconds since the client last accepted data, or 0 if no data is waiting for it."""
        waits = self._look is not None and self.transport.get_write_buffer_size()
        return self.loop.time() - self._moved_at if waits else 0.0

    def _expect_reader(self) -> None:
        # One timer as long as bytes are waiting, because a fast reader can pause and resume us 1,000 times a second.
        if self._look is None and self.transport.get_write_buffer_size():
            self._taken, self._moved_at = self._acknowledged(), self.loop.time()
            self._look = self.loop.call_later(LOOK_EVERY, self._look_at_reader)

    def _look_at_reader(self) -> None:
        self._look = None
        if not self.transport.get_write_buffer_size():
            return
        taken = self._acknowledged()
        if taken - self._taken >= SOME:
            self._taken, self._moved_at = taken, self.loop.time()
        elif self.loop.time() - self._moved_at >= settings.SEND_DEADLINE:
            self.transport.abort()
            return
        self._look = self.loop.call_later(LOOK_EVERY, self._look_at_reader)

    def _acknowledged(self) -> int:
        """Returns the number of bytes that the client has acknowledged.

        The size of our own buffer isn't enough, because the kernel's buffer may be large.
        """
        info = self.transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 128)
        return int(BYTES_ACKED.unpack(info)[0])

    def _start_header_timer(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEADER_DEADLINE, self.transport.abort)

    def _stop_header_timer(self) -> None:
        self._head = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Server(uvicorn.Server):
    """Announces where it listens, and exits with 0 after SIGTERM and SIGINT."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[str, int], None] | None = None) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self._announce is not None and self.started:
            host, port, *_ = self.servers[0].sockets[0].getsockname()
            self._announce(host, port)

    async def shutdown(self, sockets: Any = None) -> None:
        # uvicorn waits for open requests, and streams don't end by themselves.
        await hub.dismiss_all()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn's version would raise the signal again at the end, so the process wouldn't exit with 0.
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True


def config(application: Any, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        host=host,
        port=port,
        loop="uvloop",
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,  # it would log query strings and share links
        server_header=False,
        proxy_headers=settings.BEHIND_TLS,  # without a proxy, clients could forge these headers
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
        timeout_graceful_shutdown=SHUTDOWN,
    )


def raise_open_file_limit() -> None:
    """Raises the soft limit for open files. Each stream uses one, and the usual limit is 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILE_LIMIT if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILE_LIMIT)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
