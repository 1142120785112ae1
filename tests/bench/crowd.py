"""Many open streams in a separate process, and the loads that every kind of server gets with them."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
TASKS = 500
ROUNDS = 3

Change = Callable[[int], None]
Found = dict[str, Any]


def rss_kb(pid: int | str = "self") -> int:
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0])


def cpu_seconds(pid: int | str = "self") -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def options(description: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=1_000)
    parser.add_argument("--rate", type=float, default=50, help="changes a second")
    parser.add_argument("--seconds", type=float, default=20, help="0: not at a rate")
    parser.add_argument("--tasks", type=int, default=TASKS, help="changed at once")
    parser.add_argument("--pages", type=float, default=0, help="seconds in which somebody reads pages")
    parser.add_argument("--languages", type=int, default=1, help="of the product's, in turns over the streams")
    parser.add_argument("--row", type=int, default=2_000, help="bytes of a row, where it is not the product's own")
    return parser.parse_args()


def row(size: int) -> bytes:
    """Returns a row of the product's size and line length, with the time when it was made."""
    line = b'<span class="fill">0123456789 0123456789 0123456789</span>\n'
    head = b'<a class="title truncate">at%d</a>\n' % time.time_ns()
    return head + line * max(0, (size - len(head)) // (len(line) + 6))  # each line is sent as "data: ..."


class Crowd:
    """Runs `tests.bench.listeners`; all streams are open once it is entered. `opened` marks the end of a stream's first
    response."""

    def __init__(
        self, port: int, cookies: list[str], opened: str = "event: tick", languages: Sequence[str] = ("en",)
    ) -> None:
        self._given = {"port": port, "cookies": cookies, "opened": opened, "languages": languages}
        self._rows = 0

    def __enter__(self) -> "Crowd":
        command = [sys.executable, "-m", "tests.bench.listeners"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        assert self.ask(json.dumps(self._given)) == "open"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            self._process.kill()
        self._process.communicate("end\n")

    def ask(self, command: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def has_got(self, rows: int) -> None:
        """Returns when every stream has received that many more rows."""
        self._rows += rows
        assert self.ask(f"got {self._rows}"), "streams were lost"

    def at_a_rate(self, given: argparse.Namespace, change: Change) -> Found:
        """Measures the delay in ms, from before the change was written until a stream had read its row."""
        number = int(given.rate * given.seconds)
        if not number:
            return {}
        began = time.monotonic()
        for count in range(number):
            time.sleep(max(0.0, began + count / given.rate - time.monotonic()))
            change(count)
        rate = round(number / (time.monotonic() - began), 1)
        self.has_got(number)
        late = json.loads(self.ask("late"))
        shares = {f"p{share}": late[len(late) * share // 100] for share in (50, 95, 99)}
        return {"changes_per_second": rate, "late_ms": {**shares, "most": late[-1]}}

    def at_once(self, given: argparse.Namespace, burst: Callable[[], float], server: int | str = "self") -> Found:
        """`burst` changes every task and returns its start time; `server` is the process that sends the rows."""
        seconds, cpu = [], []
        for _ in range(ROUNDS):
            before = cpu_seconds(server)
            began = burst()
            before = cpu_seconds(server) if server == "self" else before
            self.has_got(given.tasks)
            seconds.append(time.monotonic() - began)
            cpu.append(cpu_seconds(server) - before)
        frames = given.tasks * given.streams
        return {
            "frames_per_second": [round(frames / one) for one in sorted(seconds)],
            "cpu_us_per_frame": round(sorted(cpu)[ROUNDS // 2] / frames * 1e6, 1),
        }
