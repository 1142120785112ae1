"""How cost grows with open streams, active tasks, stored tasks and processes: never faster than its input."""

import http.client
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

from tests.bench import board, programs
from tests.bench.results import Figure, Section, middle, number, share
from tests.support.engines import NotInstalled, Postgres, Redis, running
from tests.support.processes import ServerProcess

SLACK = 1.25  # a step may cost this many times its proportional share before it counts as growing faster
PAGE_SECONDS = 4.0


def measure(*, quick: bool) -> Section:
    parts: list[Callable[[bool], Iterator[Figure]]] = [by_streams, by_active, by_pollers, by_servers]
    return Section("How it grows", [figure for part in parts for figure in part(quick)])


def measure_stored(*, quick: bool) -> Section:
    return Section("How it grows with stored tasks", [*by_stored(quick)])


def grows(unit: str, costs: dict[int, float], what: str, notes: dict[int, str]) -> Iterator[Figure]:
    """Yields a row for each step; `costs` are totals, so they may grow at most in proportion."""
    steps = sorted(costs)
    for before, step in pairwise([0, *steps]):
        fair = costs[before] * step / before * SLACK if before else None
        yield Figure(
            what=what.format(f"{step:,}"),
            value=costs[step],
            unit=unit,
            reach="no faster than its input" if before else "",
            reached=None if fair is None else costs[step] <= fair,
            note=notes.get(step, "")
            + (f"; {costs[step] / costs[before]:.1f} x for {step / before:.0f} x" if before else ""),
        )


def by_streams(quick: bool) -> Iterator[Figure]:
    costs, notes = {}, {}
    for streams in (50, 100) if quick else (100, 1_000, 5_000):
        tasks = 100 if streams > 1_000 else 500
        seconds = "3" if quick else "5"
        sizes = ["--streams", str(streams), "--tasks", str(tasks), "--rate", "10", "--seconds", seconds]
        found = programs.worker("frames", *sizes)
        rate = middle(found["frames_per_second"])
        costs[streams] = streams / rate * 1_000
        notes[streams] = (
            f"{number(rate)} frames/s; {found['kb_per_stream']} kB a stream; "
            f"p99 {found['late_ms']['p99']:.0f} ms at 10 changes a second"
        )
    yield from grows("ms", costs, "one change to {} streams", notes)


def by_active(quick: bool) -> Iterator[Figure]:
    costs, notes = {}, {}
    for tasks in (50, 500) if quick else (100, 1_000, 10_000):
        sizes = ["--tasks", str(tasks), "--every", "10", "--seconds", "5" if quick else "10", "--peers", "0"]
        found = programs.worker("polls", *sizes)
        rate, due = found["polls_per_second"], tasks / 10
        # If not all due tasks were polled, what polling all of them would have cost.
        costs[tasks] = 100 * found["cpu_share"] * max(1.0, due / rate)
        behind = "" if rate >= 0.95 * due else f" of {number(due)} due"
        notes[tasks] = f"{number(rate)} polls/s{behind}, p99 {found['late_p99']:.2f} s late"
    yield from grows("% of a core", costs, "{} active tasks every 10 s", notes)


def by_stored(quick: bool) -> Iterator[Figure]:
    for engine in board.ENGINES:
        costs: dict[int, float] = {}
        notes = {}
        for tasks in (1_000, 10_000) if quick else (1_000, 100_000, 1_000_000):
            try:
                with board.filled(engine, tasks) as (server, found):
                    taken = board.timed(server, found, 6 if quick else 20)
            except NotInstalled as problem:
                yield Figure(what=engine, value=0, unit="", note=str(problem))
                break
            costs[tasks] = share(taken["page"], 0.5)
            notes[tasks] = (
                ", ".join(
                    f"{name} {share(taken[name], 0.5):.0f} ms"
                    for name in (
                        "page of a member",
                        "page further down",
                        "search, found often",
                        "search, found nowhere",
                    )
                )
                + f"; {found['looks']['page']['queries']} queries"
            )
        yield from grows("ms", costs, f"{engine}: a page of {{}} stored tasks, median", notes)


def by_pollers(quick: bool) -> Iterator[Figure]:
    for processes in (1, 2) if quick else (1, 2, 4):
        with tempfile.TemporaryDirectory(prefix="reelboard-bench-") as folder:
            try:
                with running(Postgres) as postgres:
                    assert isinstance(postgres, Postgres)
                    sizes = ["--tasks", "5000", "--every", "1", "--seconds", "4" if quick else "6", "--peers", "0"]
                    sizes += ["--processes", str(processes)]
                    found = programs.worker("polls", *sizes, data_dir=Path(folder), DATABASE_URL=postgres.url())
            except NotInstalled as problem:
                yield Figure(what="pollers", value=0, unit="", note=str(problem))
                return
        yield Figure(
            what=f"{processes} pollers on PostgreSQL, more due than they can",
            value=found["polls_per_second"],
            unit="/s",
            note=f"{found['dropped']:.0f} written back too late; the gateway and the database share the two cores",
        )


def by_servers(quick: bool) -> Iterator[Figure]:
    """Measures pages per second through that many servers with one PostgreSQL and one Redis."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reelboard-bench-")))
        try:
            postgres, redis = stack.enter_context(running(Postgres)), stack.enter_context(running(Redis))
        except NotInstalled as problem:
            yield Figure(what="servers", value=0, unit="", note=str(problem))
            return
        assert isinstance(postgres, Postgres)
        assert isinstance(redis, Redis)
        env = {"DATABASE_URL": postgres.url(), "REDIS_URL": redis.url}
        cookie = programs.worker("stored", "--tasks", "1000", data_dir=folder, **env)["member"]
        servers: list[ServerProcess] = []
        for wanted in (1, 2) if quick else (1, 2, 4):
            while len(servers) < wanted:
                servers.append(ServerProcess(folder, **env))
                stack.callback(servers[-1].close)
                servers[-1].start()
            rate = pages_per_second([server.port for server in servers], cookie)
            yield Figure(
                what=f"pages through {wanted} servers on PostgreSQL and Redis, 8 readers",
                value=rate,
                unit="/s",
                note="the readers and the database share the two cores",
            )


def pages_per_second(ports: list[int], cookie: str) -> float:
    until = time.monotonic() + PAGE_SECONDS
    done: list[int] = []

    def read(port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        pages = 0
        while time.monotonic() < until:
            connection.request("GET", "/", headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
            pages += 1
        done.append(pages)

    readers = [threading.Thread(target=read, args=(ports[each % len(ports)],)) for each in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(done) == len(readers), "a reader has failed"
    return sum(done) / PAGE_SECONDS


if __name__ == "__main__":
    print(json.dumps(measure(quick=True).as_json(), indent=2))
