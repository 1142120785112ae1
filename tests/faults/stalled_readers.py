"""`python -m tests.faults.stalled_readers --streams 1000 --stuck 100 --vanished 100`: some readers stop reading.

The product's server runs in this process. First, some browsers with small socket buffers stop reading, while every
stream is sent rows at a steady rate. Then some vanish without closing: a filter drops every packet to their sockets, so
that nothing is acknowledged, as after a lost network connection. Prints when each was disconnected, how much the server
buffered for it, and how late the others' rows were; exits with 1 if that is too long, too much or too late.
"""

import argparse
import ctypes
import logging
import os
import socket
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.bench.crowd import Crowd
from tests.bench.frames import Bench

SMALL = 4_096  # bytes of a socket's receive buffer
SO_ATTACH_FILTER = 26  # linux/socket.h; the module `socket` doesn't have it
DROP_ALL = (0x06, 0, 0, 0)  # BPF: return 0 bytes of the packet
LOOK = 0.1  # seconds
MOST_KEPT = 64 * 1024  # bytes for one stream
LATER = 1.2  # at most this many times as late as without them
NOTICEABLE = 20.0  # ms; below this, a fifth more is noise of the machine


def silent(reader: socket.socket) -> None:
    """From now on, the kernel drops every packet to the socket, and so acknowledges nothing."""
    program = ctypes.create_string_buffer(struct.pack("HBBI", *DROP_ALL))
    described = struct.pack("HL", 1, ctypes.addressof(program))
    reader.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, described)


def stopped(reader: socket.socket) -> None:
    """Does nothing: the browser has read the start of its stream, and reads no more."""


def open_stream(port: int, cookie: str) -> socket.socket:
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    reader.settimeout(20)
    reader.connect(("127.0.0.1", port))
    reader.sendall(f"GET /events HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode())
    greeting = b""
    while b"event: tick" not in greeting:
        greeting += reader.recv(SMALL)
    return reader


@dataclass
class ServerMemory:
    """The streams that should be disconnected: how long each of them took, and the most that was buffered for any."""

    boxes: set[Any]
    begun: float = field(default_factory=time.monotonic)
    released: list[float] = field(default_factory=list)
    kept: int = 0
    blocked: float = 0.0  # the longest time that a write was blocked

    def measure(self, server: Any, streams: Any) -> bool:
        """Returns whether some are still connected."""
        now = time.monotonic()
        present = set(streams) & self.boxes
        self.released += [now - self.begun] * (len(self.boxes) - len(present) - len(self.released))
        waits = [now - since for box in present if (since := box.sending_since) is not None]
        self.blocked = max(self.blocked, *waits, 0.0)
        unsent = [one.transport.get_write_buffer_size() for one in list(server.server_state.connections)]
        self.kept = max(self.kept, *unsent, 0)
        return bool(present)


class StalledReaderBench(Bench):
    wrong: list[str]
    _others: int  # streams that continue to read

    def _measure(self, port: int) -> None:
        self.wrong = []
        given = self._given
        self._others = given.streams - max(given.stuck, given.vanished)
        try:
            with Crowd(port, self._cookies[: self._others]) as crowd:
                before = self._p99(crowd, given.seconds)
                self._stop(port, crowd, before)
                self._vanish(port, crowd)
        finally:
            self._server.should_exit = True

    def _p99(self, crowd: Crowd, seconds: float) -> float:
        found = crowd.at_a_rate(argparse.Namespace(rate=self._given.rate, seconds=seconds), self._change)
        return float(found["late_ms"]["p99"])

    def _stop(self, port: int, crowd: Crowd, before: float) -> None:
        watched, readers = self._outsiders(port, self._given.stuck, stopped)
        meanwhile = []
        while watched.measure(self._server, self._open_streams()):
            meanwhile.append(self._watching(watched, lambda: self._p99(crowd, self._given.seconds)))
            if time.monotonic() - watched.begun > 4 * self._given.patience:
                break
        after = self._p99(crowd, self._given.seconds)
        self._tell("stopped", watched)
        worst = sorted(meanwhile)[len(meanwhile) // 2]
        print(f"rows of the others late, p99: {before:.0f} ms before, {worst:.0f} ms meanwhile, {after:.0f} ms after")
        if worst > max(LATER * max(before, after), NOTICEABLE) and self._given.judge:
            self.wrong.append("the others' rows are later")
        self._expect(watched.kept <= MOST_KEPT, f"{watched.kept} bytes are kept for one stream")
        for reader in readers:
            reader.close()

    def _vanish(self, port: int, crowd: Crowd) -> None:
        watched, readers = self._outsiders(port, self._given.vanished, silent)
        until = watched.begun + 2 * self._given.patience + 15
        while watched.measure(self._server, self._open_streams()) and time.monotonic() < until:
            time.sleep(LOOK)
        self._tell("vanished", watched)
        told = len(self._open_streams())
        self._expect(told == self._others, f"{told} streams are counted, {self._others} are there")
        for reader in readers:
            reader.close()

    def _outsiders(
        self, port: int, number: int, end: Callable[[socket.socket], None]
    ) -> tuple[ServerMemory, list[Any]]:
        present = set(self._open_streams())
        cookies = self._cookies[self._others :][:number]
        readers = [open_stream(port, cookie) for cookie in cookies]
        watched = ServerMemory(set(self._open_streams()) - present)
        for reader in readers:
            end(reader)
        assert len(watched.boxes) == number, "others than the newcomers have moved"
        return watched, readers

    def _watching(self, watched: ServerMemory, act: Callable[[], float]) -> float:
        over = threading.Event()

        def look() -> None:
            while not over.wait(LOOK):
                watched.measure(self._server, self._open_streams())

        looking = threading.Thread(target=look)
        looking.start()
        try:
            return act()
        finally:
            over.set()
            looking.join()

    def _tell(self, how: str, watched: ServerMemory) -> None:
        number, gone = len(watched.boxes), watched.released
        times = f"after {min(gone):.0f} to {max(gone):.0f} s" if gone else "none"
        print(f"{number} {how}: {len(gone)} let go, {times}; a write waited at most {watched.blocked:.0f} s,", end=" ")
        print(f"at most {watched.kept:,} bytes were unsent")
        self._expect(len(gone) == number, f"{number - len(gone)} that {how} are still there")
        most = self._given.patience + 3
        self._expect(watched.blocked <= most, f"a write waited for {watched.blocked:.0f} s")

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)

    def _open_streams(self) -> Any:
        from dashboard.live.hub import hub

        return hub.streams


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=1_000, help="in all")
    parser.add_argument("--stuck", type=int, default=100)
    parser.add_argument("--vanished", type=int, default=100)
    parser.add_argument("--rate", type=float, default=20, help="changes a second")
    parser.add_argument("--seconds", type=float, default=20, help="of each measurement")
    parser.add_argument("--patience", type=int, default=30, help="seconds that a reader is waited for")
    parser.add_argument("--judge", action=argparse.BooleanOptionalAction, default=True, help="how late the others are")
    return parser.parse_args(namespace=argparse.Namespace(tasks=500))


def main() -> int:
    given = options()
    with tempfile.TemporaryDirectory(prefix="reelboard-stuck-") as data_dir:
        os.environ |= {"DATA_DIR": data_dir, "POLLER": "separate"}
        os.environ |= {"DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        import django

        django.setup()
        logging.getLogger("dashboard.requests").setLevel("WARNING")
        from dashboard.live import consumers, heartbeat

        heartbeat.SEND_DEADLINE = consumers.UNACKNOWLEDGED = given.patience
        bench = StalledReaderBench(given)
        bench.run()
    print("wrong:", *bench.wrong or ["nothing"])
    return int(bool(bench.wrong))


if __name__ == "__main__":
    sys.exit(main())
