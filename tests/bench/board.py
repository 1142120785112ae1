"""The board with many stored tasks, on SQLite and PostgreSQL: the duration of a page, its queries and their plans."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.bench import programs
from tests.bench.pages import Reader
from tests.bench.results import Figure, Section, share
from tests.support.engines import NotInstalled, Postgres, running
from tests.support.processes import ServerProcess

MOST_MS = 60.0
ENGINES = ("SQLite", "PostgreSQL")


@contextmanager
def filled(engine: str, tasks: int, *options: str) -> Iterator[tuple[ServerProcess, dict[str, Any]]]:
    """Yields a running server with that many tasks, and the output of `tests.bench.stored`."""
    with ExitStack() as stack:
        data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reelboard-bench-")))
        url = {}
        if engine == "PostgreSQL":
            postgres = stack.enter_context(running(Postgres))
            assert isinstance(postgres, Postgres)
            url = {"DATABASE_URL": postgres.url()}
        found = programs.worker("stored", "--tasks", str(tasks), *options, data_dir=data_dir, **url)
        server = ServerProcess(data_dir, **url)
        stack.callback(server.close)
        server.start()
        yield server, found


def timed(server: ServerProcess, found: dict[str, Any], times: int) -> dict[str, list[float]]:
    """Returns the milliseconds of each view of the admin, and of a member's page; the views take turns."""
    admin, member = (Reader(server.port, found[who]) for who in ("admin", "member"))
    looks = {name: (admin, look["address"], look["fragment"]) for name, look in found["looks"].items()}
    looks["page of a member"] = (member, "/", False)
    taken: dict[str, list[float]] = {name: [] for name in looks}
    for turn in range(times + 2):
        for name, (reader, address, fragment) in looks.items():
            ms = reader.ms(address, fragment=fragment)
            if turn >= 2:  # the first ones fill caches
                taken[name].append(ms)
    return taken


def measure(*, quick: bool) -> Section:
    return measured("The table with {:,} tasks", quick=quick)


def measure_searches(*, quick: bool) -> Section:
    return measured("Searches among {:,} tasks, two thirds of them in Chinese", "--searches", quick=quick)


def measured(title: str, *options: str, quick: bool) -> Section:
    tasks, times = (20_000, 10) if quick else (100_000, 60)
    section = Section(title.format(tasks), [])
    for engine in ENGINES:
        try:
            with filled(engine, tasks, *options) as (server, found):
                section.figures += figures(engine, timed(server, found, times), found)
                section.plain += plans(engine, found)
        except NotInstalled as problem:
            section.figures.append(Figure(what=engine, value=0, unit="", reach="p95 <= 60 ms", note=str(problem)))
    return section


def figures(engine: str, taken: dict[str, list[float]], found: dict[str, Any]) -> Iterator[Figure]:
    for name, times in taken.items():
        p95 = share(times, 0.95)
        queries = found["looks"].get(name, {}).get("queries")
        yield Figure(
            what=f"{engine}: {name}, p95",
            value=p95,
            unit="ms",
            reach=f"<= {MOST_MS:.0f} ms",
            reached=p95 <= MOST_MS,
            note=f"median {share(times, 0.5):.1f} ms" + (f"; {queries} queries" if queries else ""),
        )


def plans(engine: str, found: dict[str, Any]) -> list[str]:
    """Lists each different query once, under the view that runs it first."""
    lines, seen = [f"{engine}: the queries that read tasks or events, and how"], set()
    for name, look in found["looks"].items():
        for statement, plan in look["plans"]:
            if statement not in seen:
                seen.add(statement)
                lines += [f"  [{name}] {statement}", *(f"      {line}" for line in plan)]
    return lines


if __name__ == "__main__":
    print(json.dumps(measure(quick=True).as_json(), indent=2))
