"""`python -m tests.faults.soak --seconds 60`: a real server under steady load with steady errors, and its resources.

A server polls 200 tasks twice a second, and one answer in a hundred is broken; ten times a second, a browser opens a
video, a stream or the board and disconnects in the middle. The server is measured after each sixth of the time; the
difference between the end and the second measurement counts.
"""

import argparse
import http.client
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.faults.demo_pair import server_and_gateway, watch
from tests.support.gateway import Gateway
from tests.support.processes import ServerProcess

TASKS = 200
FAULTS = ("close", "reset-body", "truncated-json", "http-503", "unknown-word")
FAULT_RATE = 4  # a second, of 400 answers
VISITS = 10  # a second
PARTS = 6
QUIET = 3.0  # seconds before a measurement, for running requests to end
MOST_FILES = 5  # more than before
MOST_RSS = 12_000  # kB more than before; 100 MB/h would be 1.7 MB/min, but a minute is short
MOST_WAL = 64 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Size:
    files: int
    rss: int  # kB
    wal: int  # bytes
    threads: int

    def __str__(self) -> str:
        return f"{self.files} files, {self.rss:,} kB, {self.threads} threads, {self.wal // 1024:,} kB of log"


def size_of(process: ServerProcess) -> Size:
    folder = Path(f"/proc/{process.pid}")
    wal = process.data_dir / "reelboard.sqlite3-wal"
    return Size(
        files=len(os.listdir(folder / "fd")),
        rss=process.rss_kb,
        wal=wal.stat().st_size if wal.exists() else 0,
        threads=len(os.listdir(folder / "task")),
    )


class Visitors:
    """One browser after another: each opens something and disconnects."""

    def __init__(self, process: ServerProcess, video: str, rng: random.Random) -> None:
        self._address = urlsplit(process.url)
        self._headers = {"Cookie": process.session("alice")}
        self._video = video
        self._rng = rng
        self.seen: Counter[str] = Counter()

    def visit(self) -> None:
        path = self._rng.choice(("/", "/events", f"/tasks/{self._video}/content", f"/tasks/{self._video}/content"))
        connection = http.client.HTTPConnection(self._address.hostname or "", self._address.port, timeout=20)
        connection.request("GET", path, headers=self._headers)
        answer = connection.getresponse()
        answer.read(self._rng.choice((1, 5_000)) if path != "/events" else 5)
        connection.close()
        self.seen[f"{path.rpartition('/')[2] or 'board'} {answer.status}"] += 1


def furnish(process: ServerProcess, gateway: Gateway) -> str:
    """Returns the ID of a task that has a video."""
    key_id = watch(process, gateway, TASKS)
    done = gateway.add_task("amux+random+rate=2000000", status="completed")
    return str(process.act("task", owner="alice", key_id=key_id, upstream_id=done, status="completed"))


def work(visitors: Visitors, gateway: Gateway, rng: random.Random, seconds: float) -> None:
    begun, faults, visits = time.monotonic(), 0, 0
    while (passed := time.monotonic() - begun) < seconds:
        if passed * FAULT_RATE > faults:
            gateway.fault(rng.choice(FAULTS), times=1)
            faults += 1
        elif passed * VISITS > visits:
            visitors.visit()
            visits += 1
        else:
            time.sleep(0.01)


def measured(process: ServerProcess) -> Size:
    time.sleep(QUIET)
    return size_of(process)


def run(seconds: float, seed: int) -> list[str]:
    """Returns what is wrong."""
    with server_and_gateway(POLL_EVERY="0.5") as (process, gateway):
        return _run(process, gateway, random.Random(seed), seconds)


def _run(process: ServerProcess, gateway: Gateway, rng: random.Random, seconds: float) -> list[str]:
    video = furnish(process, gateway)
    process.start()
    visitors = Visitors(process, video, rng)
    sizes = []
    for part in range(1, PARTS + 1):
        work(visitors, gateway, rng, seconds / PARTS)
        sizes.append(measured(process))
        print(f"after {part}/{PARTS}: {sizes[-1]}", flush=True)
    before, after = sizes[1], sizes[-1]
    polls = gateway.totals().get("status 200", 0)
    print(f"{polls:,} polls answered; {', '.join(f'{what}: {number}' for what, number in visitors.seen.items())}")
    code, took = process.terminate()
    print(f"ended with {code} in {took:.1f} s")
    wrong = [what for what in visitors.seen if what[-3:] >= "500"]
    wrong += ["it did not end in order"] * (code != 0 or took > 5)
    wrong += ["open files grow"] * (after.files > before.files + MOST_FILES)
    wrong += ["memory grows"] * (after.rss > before.rss + MOST_RSS)
    wrong += ["the write-ahead log grows"] * (after.wal > MOST_WAL)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    wrong = run(given.seconds, given.seed)
    print("wrong:", *wrong or ["nothing"])
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
