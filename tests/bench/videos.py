"""A video through us, from the gateway and from the saved copy, next to nginx's `proxy_pass` for the same gateway.

The gateway is an nginx that sends a sparse file, so that the disk doesn't matter. There is one reader at a time, in
turns.
"""

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench import nginx, programs
from tests.bench.results import Figure, Section, middle, number
from tests.support.engines import NotInstalled
from tests.support.processes import ServerProcess, new_process

HEAD = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41"  # the first bytes of an mp4; the rest is zeros
PROXY = """
location / {{
  proxy_pass http://127.0.0.1:{upstream};
  proxy_buffering off;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
}}
"""
SEATS, RATE = 8, 10_000  # members who each play four videos at once; bytes a second of a slow reader
FLAT_MB = 50.0

Readings = dict[str, list[float]]


class Sampler:
    """The most memory that a process used during the block, in MB, beyond its memory at the start."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._ended = threading.Event()
        self.grown = 0.0

    def __enter__(self) -> "Sampler":
        self._before = self._server.rss_kb
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(0.02):
            self.grown = max(self.grown, (self._server.rss_kb - self._before) / 1024)


@contextmanager
def served(folder: Path, upstream: int, **env: str) -> Iterator[tuple[ServerProcess, str, list[str]]]:
    """Yields a server with one finished task, the path of its video, and cookies of a small group of members."""
    server = new_process(folder, AMUX_BASE_URL=f"http://127.0.0.1:{upstream}", **env)
    try:
        server.act("key", owner="alice", secret="sk-bench-000000000000")
        key = server.act("rows", sql="SELECT id FROM api_key")[0][0]
        task = server.act(
            "task", owner="alice", upstream_id="video", status="completed", raw_status="completed", key_id=key
        )
        crowd = [f"watcher-{each}" for each in range(SEATS)]
        for name in crowd:
            server.act("member", username=name, is_admin=True)
        server.start()
        yield server, f"/tasks/{task}/content", [server.session(name) for name in ("alice", *crowd)]
    finally:
        server.close()


def kept(server: ServerProcess) -> None:
    """Returns when the archiver has stored the video on our disk."""
    server.eventually(lambda: server.act("rows", sql="SELECT kept_at FROM video")[0][0] != "None", patience=90.0)


def mb_per_second(port: int, path: str, cookie: str = "") -> float:
    found = programs.worker("drain", str(port), path, cookie)
    return float(found["bytes"] / found["seconds"] / 1e6)


def measure(*, quick: bool) -> Section:
    size, rounds = (64, 2) if quick else (512, 7)
    section = Section(f"A video of {size} MB", [])
    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reelboard-bench-", dir="/tmp")))
            video = folder / "video.mp4"
            video.write_bytes(HEAD)
            with video.open("r+b") as file:
                file.truncate(size * 1024 * 1024)
            location = f"location ~ /content$ {{ types {{ }} default_type video/mp4; alias {video}; }}"
            upstream = stack.enter_context(nginx.running(location))
            front = stack.enter_context(nginx.running(PROXY.format(upstream=upstream)))
            plain = stack.enter_context(served(folder / "plain", upstream, ARCHIVE="off"))
            copying = stack.enter_context(served(folder / "copying", upstream, POLLER="embedded"))
            kept(copying[0])
            section.figures += compared(front, plain, copying, rounds)
            section.figures += slow_readers(*plain, seconds=4.0 if quick else 8.0)
    except NotInstalled as problem:
        section.figures.append(Figure(what="a video", value=0, unit="", reach=">= 0.9 x", note=str(problem)))
    return section


def compared(
    front: int, plain: tuple[ServerProcess, str, list[str]], copying: tuple[ServerProcess, str, list[str]], rounds: int
) -> Iterator[Figure]:
    speeds: Readings = {"nginx": [], "through us": [], "our copy": []}
    grown: Readings = {"through us": [], "our copy": []}
    for turn in range(rounds + 1):
        some = {"nginx": mb_per_second(front, "/v1/videos/video/content")}
        for name, (server, path, cookies) in {"through us": plain, "our copy": copying}.items():
            with Sampler(server) as sampler:
                some[name] = mb_per_second(server.port, path, cookies[0])
            if turn:
                grown[name].append(sampler.grown)
        if turn:  # the first one is a warm-up
            for name, speed in some.items():
                speeds[name].append(speed)
    peer = middle(speeds["nginx"])
    for name, least in {"through us": 0.9, "our copy": 1.0}.items():
        ours = middle(speeds[name])
        ratios = [one / other for one, other in zip(speeds[name], speeds["nginx"], strict=True)]
        yield Figure(
            what=f"a video {name}",
            value=ours,
            unit="MB/s",
            peer="nginx proxy_pass",
            peer_value=peer,
            reach=f">= {least} x",
            reached=ours >= least * peer,
            note=f"by rounds {', '.join(number(ratio) for ratio in sorted(ratios))}; memory +{max(grown[name]):.1f} MB",
        )


def slow_readers(server: ServerProcess, path: str, cookies: list[str], *, seconds: float) -> Iterator[Figure]:
    """Fills all seats with very slow readers: how much memory that takes, and how long others' pages take in the
    meantime."""
    readers = [cookie for cookie in cookies[1:] for _ in range(4)]
    crawl = ("--slow", str(RATE), str(seconds), str(server.port), path, *readers)
    with Sampler(server) as sampler, ThreadPoolExecutor(1) as elsewhere:
        videos = elsewhere.submit(programs.worker, "drain", *crawl)
        time.sleep(1.0)  # the readers are connected
        pages = programs.worker("pages", str(server.port), cookies[0], str(seconds - 1.5))
        found = videos.result()
    what = f"{found['readers']} videos flowing at {RATE // 1000} kB/s"
    yield Figure(
        what=f"memory of {what}",
        value=sampler.grown,
        unit="MB",
        reach=f"<= {FLAT_MB:.0f} MB",
        reached=sampler.grown <= FLAT_MB,
        note="as many as one process has seats for",
    )
    yield Figure(
        what=f"a page beside {what}, p95",
        value=pages["p95"],
        unit="ms",
        reach="<= 300 ms",
        reached=pages["p95"] <= 300,
        note=f"median {pages['p50']:.0f} ms",
    )


if __name__ == "__main__":
    print(json.dumps(measure(quick=True).as_json(), indent=2))
