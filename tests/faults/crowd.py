"""`python -m tests.faults.crowd --streams 1000`: restarts the server while that many streams are open.

Each browser reads its stream from a plain socket, waits as its close event says, and comes back with its cursor. While
the server is down, all tasks are renamed from outside. Prints figures; exits with 1 if a browser is missing, late, or
shows an old row.
"""

import argparse
import asyncio
import json
import random
import resource
import secrets
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.support.event_source import Event, Parser
from tests.support.processes import ServerProcess, new_process

OF_ONE_MEMBER = 10  # streams, the most that a member may have
CONNECTS_A_SECOND = 150  # connects a second at the start
EXIT = 5.0  # seconds
ALL_BACK = 30.0  # seconds
MOST_CONNECTS = 200  # in any one second


@dataclass
class Browser:
    """`row` is the newest row of its member's only task."""

    cookie: str
    rng: random.Random
    connects: list[float]  # monotonic, of all browsers
    row: str = ""
    cursor: str = ""
    is_open: bool = False
    pause: float = 0.0  # seconds until it connects again
    resyncs: int = field(default=0)

    async def run(self, port: int) -> None:
        """Never returns; cancel it."""
        while True:
            await asyncio.sleep(self.pause)
            self.pause = self.rng.uniform(1, 10)  # unless a close event says otherwise
            try:
                await self._follow(port)
            except (OSError, EOFError):
                pass
            finally:
                self.is_open = False

    async def _follow(self, port: int) -> None:
        self.connects.append(time.monotonic())
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            since = f"?since={self.cursor}" if self.cursor else ""
            writer.write(f"GET /events{since} HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookie}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200 "):
                raise ConnectionError(head[:40])
            parser = Parser()
            while size := int(await reader.readline() or b"0", 16):
                chunk = await reader.readexactly(size + 2)
                for event in parser.feed(chunk[:-2]):
                    self._see(event)
        finally:
            writer.close()

    def _see(self, event: Event) -> None:
        self.is_open = True
        self.cursor = event.last_event_id
        if event.type == "task":
            self.row = event.data
        elif event.type == "resync":
            self.resyncs += 1
        elif event.type == "close":
            self.pause = json.loads(event.data)["retry_ms"] / 1_000


class Crowd:
    def __init__(self, process: ServerProcess, streams: int, seed: int) -> None:
        self._process = process
        self._rng = random.Random(seed)
        self._connects: list[float] = []
        names = [f"member-{number}" for number in range(-(-streams // OF_ONE_MEMBER))]
        for name in names:
            process.act("member", username=name)
        self._tasks = [process.act("task", owner=name, upstream_id=f"task-of-{name}") for name in names]
        self._cookies = [process.session(names[number // OF_ONE_MEMBER]) for number in range(streams)]
        self._browsers: list[Browser] = []
        self.wrong: list[str] = []

    async def run(self) -> None:
        for number, cookie in enumerate(self._cookies):
            self._browsers.append(Browser(cookie, self._rng, self._connects, pause=number / CONNECTS_A_SECOND))
        running = [asyncio.create_task(browser.run(self._process.port)) for browser in self._browsers]
        await self._until(lambda: all(browser.is_open for browser in self._browsers), 60)
        print(f"{self._open()} streams open, {self._process.rss_kb / 1024:.0f} MB")
        await self._restart()
        self._expect(self._open() == len(self._browsers), f"/metrics speaks of {self._open()} streams")
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _restart(self) -> None:
        code, took = await asyncio.to_thread(self._process.terminate)
        self._expect(code == 0 and took <= EXIT, f"it ended with {code} in {took:.1f} s")
        for task in self._tasks:
            self._process.act("relabel", task=task, label="named while it was away")
        self._connects.clear()
        await asyncio.to_thread(self._process.start)
        begun = time.monotonic()
        back = await self._until(self._all_are_right, ALL_BACK)
        peak = self._peak(begun)
        old = sum("named while it was away" not in browser.row for browser in self._browsers)
        self._expect(old == 0, f"{old} browsers show an old row")
        self._expect(peak <= MOST_CONNECTS, f"{peak} connects in one second")
        resyncs = sum(browser.resyncs for browser in self._browsers)
        self._expect(resyncs == 0, f"{resyncs} were told to fetch their page anew")
        print(f"ended with {code} in {took:.1f} s; all back and right {back:.1f} s after its start")
        print(f"at most {peak} connects in one second")

    def _all_are_right(self) -> bool:
        return all(browser.is_open and "named while it was away" in browser.row for browser in self._browsers)

    def _peak(self, since: float) -> int:
        """Returns the most connects within any one second; those before `since` reached no server."""
        moments = [moment for moment in sorted(self._connects) if moment >= since]
        return max((bisect_left(moments, moment + 1) - number for number, moment in enumerate(moments)), default=0)

    async def _until(self, holds: Callable[[], bool], seconds: float) -> float:
        begun = time.monotonic()
        while not holds() and time.monotonic() - begun < seconds:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return time.monotonic() - begun

    def _open(self) -> int:
        told = httpx.get(f"{self._process.url}/metrics").text
        line = next(line for line in told.splitlines() if line.startswith("reelboard_streams_open "))
        return int(float(line.split()[1]))

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)


def gathered(process: ServerProcess, streams: int, seed: int) -> list[str]:
    """Returns what is wrong. Starts the server and leaves it running."""
    crowd = Crowd(process, streams, seed)
    process.start()
    asyncio.run(crowd.run())
    return crowd.wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    given = parser.parse_args()
    print(f"seed {given.seed}")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="reelboard-crowd-") as folder:
        process = new_process(Path(folder))
        try:
            wrong = gathered(process, given.streams, given.seed)
        finally:
            process.close()
    print(f"wrong: {'; '.join(wrong) or 'nothing'}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
