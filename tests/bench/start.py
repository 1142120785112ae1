"""A cold start of the demo after its setup: from the command to the first page, and the memory of the server."""

import json
import re
import signal
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.bench.crowd import cpu_seconds, rss_kb
from tests.bench.results import Figure, Section, middle
from tests.support.demo import start_demo
from tests.support.ports import free_port

FIRST_PAGE, MEMORY = 3.0, 120.0  # seconds, MB
PATIENCE = 60.0


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def child(pid: int, words: str) -> int:
    """Returns the child whose command line contains these words."""
    return next(one for one in children(pid) if words.encode() in Path(f"/proc/{one}/cmdline").read_bytes())


def started(folder: Path) -> tuple[float, float, float]:
    """Returns the seconds to the first page, the server's memory after it, and the processor seconds used so far."""
    port = free_port()
    began = time.monotonic()
    demo = start_demo(folder, port)
    try:
        while True:
            assert demo.poll() is None, "the demo has ended"
            assert time.monotonic() < began + PATIENCE, "no page came"
            try:
                page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE).read()
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.01)
            else:
                break
        taken = time.monotonic() - began
        assert re.search(rb"<form", page), page[:500]
        server = child(demo.pid, "manage.py\0demo")
        return taken, rss_kb(server) / 1024, cpu_seconds(server)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(timeout=20)


def measure(*, quick: bool) -> Section:
    with tempfile.TemporaryDirectory(prefix="reelboard-bench-") as name:
        started(Path(name))  # creates the videos and the secrets: the setup
        found = [started(Path(name)) for _ in range(1 if quick else 3)]
        for copy in Path(name).glob("beginning-*"):
            copy.unlink()
        without, _, _ = started(Path(name))
    taken, memory, cpu = (middle(column) for column in zip(*found, strict=True))
    return Section(
        "A cold start of the demo, set up",
        [
            Figure(
                what="from the command to the first page",
                value=taken,
                unit="s",
                reach="<= 3 s",
                reached=taken <= FIRST_PAGE,
                note=f"new processes, the database copied; {cpu:.1f} s of processor time of the server",
            ),
            Figure(
                what="the same after an update: tables and members made anew",
                value=without,
                unit="s",
                reach="<= 3 s",
                reached=without <= FIRST_PAGE,
            ),
            Figure(
                what="memory of the server",
                value=memory,
                unit="MB",
                reach="<= 120 MB",
                reached=memory <= MEMORY,
            ),
        ],
    )


if __name__ == "__main__":
    print(json.dumps(measure(quick=True).as_json(), indent=2))
