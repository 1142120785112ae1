"""A demo gateway in a separate process, which can kill a client at the moment when its request has arrived."""

import asyncio
import mmap
import os
import random
import signal
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.demo import http_servers, video_files
from dashboard.demo.clock import Clock
from dashboard.demo.request_log import Entry, RequestLog
from dashboard.demo.signed_url import Signer
from dashboard.demo.state import State
from tests.faults.forks import forked, killed
from tests.gateway.active_faults import make_dishonest
from tests.support.gateway import ALICE_KEY, BOB_KEY, Gateway

CALLS = ("", "status", "create")
AIM = struct.Struct("iii")  # process, number of the call, how many of its requests to wait for


class Trap:
    """Shared by the gateway's process and the process that sets it."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, AIM.size)

    def set(self, pid: int, call: str, countdown: int) -> None:
        AIM.pack_into(self._memory, 0, pid, CALLS.index(call), countdown)

    def clear(self) -> None:
        AIM.pack_into(self._memory, 0, 0, 0, 0)

    def note(self, call: str) -> None:
        pid, number, countdown = AIM.unpack_from(self._memory, 0)
        if not pid or CALLS[number] != call:
            return
        if countdown > 1:
            self.set(pid, call, countdown - 1)
            return
        self.clear()
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@dataclass(slots=True)
class KillingRequestLog(RequestLog):
    """Also records when each request arrived and was answered, in seconds of this machine's monotonic clock."""

    trap: Trap = field(default_factory=Trap)
    begun: dict[int, float] = field(default_factory=dict)
    ended: dict[int, float] = field(default_factory=dict)

    def begin(self, entry: Entry) -> None:
        RequestLog.begin(self, entry)
        self.begun[entry.number] = time.monotonic()
        self.trap.note(entry.call)

    def end(self, entry: Entry) -> None:
        RequestLog.end(self, entry)
        self.ended[entry.number] = time.monotonic()

    def since(self, number: int, task: str | None = None) -> list[dict[str, object]]:
        entries = RequestLog.since(self, number, task)
        return [entry | self._times(int(str(entry["number"]))) for entry in entries]

    def _times(self, number: int) -> dict[str, object]:
        return {"begun": self.begun[number], "ended": self.ended.get(number)}


@contextmanager
def gateway_process(videos_dir: Path, trap: Trap, seed: int) -> Iterator[Gateway]:
    """A gateway with the usual two keys; tasks that are created there last for a second or two."""
    videos_dir.mkdir(exist_ok=True)
    video_files.make_bytes(videos_dir, "short", 1_000)
    keys = {ALICE_KEY: "alice", BOB_KEY: "bob"}
    state = State(videos_dir, Signer(120.0), keys=keys, pace=0.05, clock=Clock(), rng=random.Random(seed))
    make_dishonest(state)
    state.request_log = KillingRequestLog(trap=trap)
    reader, writer = os.pipe()
    pid = forked(lambda: asyncio.run(_serve(state, writer)))
    try:
        os.close(writer)
        url, files_url = os.read(reader, 1_000).decode().split()
        os.close(reader)
        yield Gateway(url, files_url, videos_dir)
    finally:
        killed(pid)


async def _serve(state: State, writer: int) -> None:
    async with http_servers.running(state) as at:
        os.write(writer, f"{at.url} {at.files_url}".encode())
        await asyncio.Event().wait()
