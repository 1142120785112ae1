"""The browser's side of a stream: a parser that follows the standard, and a client that waits with a deadline.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import codecs
import http.client
import socket
import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple


class Event(NamedTuple):
    type: str
    data: str
    last_event_id: str


class Parser:
    """Turns bytes into events as the standard specifies; the input may be split anywhere."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._is_first = True
        self._type = ""
        self._data = ""
        self.last_event_id = ""
        self.retry: int | None = None

    def feed(self, received: bytes) -> list[Event]:
        self._text += self._decoder.decode(received)
        if self._is_first and self._text:
            self._text = self._text.removeprefix("\ufeff")
            self._is_first = False
        return [event for line in self._lines() if (event := self._line(line)) is not None]

    def _lines(self) -> Iterator[str]:
        while True:
            ends = [at for at in (self._text.find("\r"), self._text.find("\n")) if at >= 0]
            if not ends:
                return
            at = min(ends)
            is_cr = self._text[at] == "\r"
            if is_cr and at + 1 == len(self._text):
                return  # an LF may follow
            line, self._text = self._text[:at], self._text[at + 1 + (is_cr and self._text[at + 1] == "\n") :]
            yield line

    def _line(self, line: str) -> Event | None:
        if not line:
            return self._dispatch()
        if line.startswith(":"):
            return None
        name, colon, value = line.partition(":")
        value = value.removeprefix(" ") if colon else ""
        if name == "event":
            self._type = value
        elif name == "data":
            self._data += value + "\n"
        elif name == "id" and "\0" not in value:
            self.last_event_id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry = int(value)
        return None

    def _dispatch(self) -> Event | None:
        kind, data = self._type, self._data
        self._type = self._data = ""
        return Event(kind or "message", data[:-1], self.last_event_id) if data else None


class Stream:
    """An open stream. Every method that waits raises TimeoutError after `patience` seconds."""

    def __init__(
        self,
        port: int,
        headers: Mapping[str, str],
        path: str = "/events",
        *,
        receive_buffer: int = 0,
        method: str = "GET",
    ) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._connection.sock = self.socket
        self._connection.request(method, path, headers=dict(headers))
        self.response = self._connection.getresponse()
        self.status = self.response.status
        self.parser = Parser()
        self.seen: list[Event] = []
        self._unread: list[Event] = []

    def wait_for(self, kind: str, patience: float = 8.0) -> Event:
        """Returns the next event of that type; skips the events before it (they stay in `seen`)."""
        deadline = time.monotonic() + patience
        while True:
            for number, event in enumerate(self._unread):
                if event.type == kind:
                    del self._unread[: number + 1]
                    return event
            self._unread.clear()
            if not self._read(deadline):
                raise EOFError(f"the stream ended without a {kind!r}; seen: {[event.type for event in self.seen]}")

    def received(self, patience: float = 20.0) -> list[Event]:
        """Returns the events that have arrived so far, or waits for more. Raises EOFError if the stream has ended."""
        if not self._unread and not self._read(time.monotonic() + patience):
            raise EOFError("the stream ended")
        received, self._unread = self._unread, []
        return received

    def rest(self, patience: float = 8.0) -> list[Event]:
        """Returns all events until the server ends the stream."""
        deadline = time.monotonic() + patience
        while self._read(deadline):
            pass
        rest, self._unread = self._unread, []
        return rest

    def close(self) -> None:
        self.response.close()
        self._connection.close()
        self.socket.close()

    def _read(self, deadline: float) -> bool:
        self.socket.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            received = self.response.read1(65_536)
        except (http.client.IncompleteRead, ConnectionResetError):
            return False
        events = self.parser.feed(received)
        self.seen += events
        self._unread += events
        return bool(received)
