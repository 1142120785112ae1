"""`make bench`: the performance on this machine, with each figure next to that of its peer from the same run.

    python -m tests.bench                         everything, and updates docs/performance.md
    python -m tests.bench --only board,frames     some parts; the others keep their previous figures
    python -m tests.bench --quick                 small and short, to check that it works; writes nothing

Each measurement runs in separate processes, on 127.0.0.1 only, and alternates with its peer. A peer that is missing on
this machine is named and left out.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench import board, growth, live, pictures, poll_rates, start, videos
from tests.bench.crowd import ROOT
from tests.bench.results import Section, markdown, section_of, text

PARTS: dict[str, Callable[..., Section]] = {
    "frames": live.measure,
    "videos": videos.measure,
    "pictures": pictures.measure,
    "polls": poll_rates.measure,
    "board": board.measure,
    "searches": board.measure_searches,
    "start": start.measure,
    "growth": growth.measure,
    "stored": growth.measure_stored,
}
BUSY = 0.1  # share of the processors used by other programs, above which the figures are less reliable
OTHERS = "other work ran on the machine"
KEPT = ROOT / "var" / "bench"  # the figures of each part, for runs of some parts only
REPORT = ROOT / "docs" / "performance.md"


def machine() -> str:
    cpus = Path("/proc/cpuinfo").read_text()
    model = next((line.partition(": ")[2] for line in cpus.splitlines() if line.startswith("model name")), "")
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1_048_576
    packages = ", ".join(f"{name} {version(name)}" for name in ("django", "channels", "uvicorn", "httpx", "aiohttp"))
    return (
        f"{os.cpu_count()} cores ({model or platform.machine()}), {memory} GB, {platform.system()} "
        f"{platform.release()}; Python {platform.python_version()}, {packages}"
    )


def busy_share() -> float:
    """Measures how much of the processors others use: 0 to 1, over a second in which we do nothing."""

    def read() -> tuple[int, int]:
        fields = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return sum(fields), fields[3] + fields[4]

    total, idle = read()
    time.sleep(1.0)
    later, idle_later = read()
    return 1 - (idle_later - idle) / max(1, later - total)


def taken_now() -> str:
    share = busy_share()
    busy = f"load {os.getloadavg()[0]:.1f} and processors {100 * share:.0f} % busy before it began"
    others = f" ({OTHERS})" if share > BUSY else ""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {busy}{others}"


def run(name: str, *, quick: bool) -> Section:
    taken, began = taken_now(), time.monotonic()
    print(f"{name} ...", file=sys.stderr, flush=True)
    section = PARTS[name](quick=quick)
    section.taken = f"{taken}; took {time.monotonic() - began:.0f} s"
    return section


def show(section: Section) -> None:
    print(f"\n{section.title} ({section.taken})\n\n{text(section.figures)}")
    if section.plain:
        print("\n" + "\n".join(section.plain))
    sys.stdout.flush()


def keep(name: str, section: Section) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.json").write_text(json.dumps(section.as_json(), indent=2))


def kept() -> dict[str, Section]:
    paths = {name: KEPT / f"{name}.json" for name in PARTS}
    return {name: section_of(json.loads(path.read_text())) for name, path in paths.items() if path.exists()}


def missed(section: Section) -> list[str]:
    """Returns a line for each figure that missed its target."""
    figures = [figure for figure in section.figures if figure.reach and figure.reached is False]
    lines = (f"{one.what}: {one.cells()[1]}, to reach {one.reach}." for one in figures)
    meanwhile = f"{OTHERS.capitalize()} meanwhile." if OTHERS in section.taken else ""
    return [f"- {section.title}: {line} {meanwhile}".replace("  ", " ").strip() for line in lines]


def report(sections: dict[str, Section]) -> str:
    lines = [line for section in sections.values() for line in missed(section)]
    parts = [
        "# How fast it is",
        "Written by `make bench`. Every figure is measured beside its peer in one run, in turns; medians where it does "
        "not say otherwise. `ratio` is ours divided by the peer's.",
        f"Machine: {machine()}. Clients, peers and databases run on the same cores.",
        "## Not reached\n\n" + ("\n".join(lines) or "Nothing: every figure that is to be reached is."),
    ]
    for name, section in sections.items():
        command = f"`python -m tests.bench --only {name}`"
        parts.append(f"## {section.title}\n\n{command}, {section.taken}\n\n{markdown(section.figures)}")
        if section.plain:
            parts.append("```\n" + "\n".join(section.plain) + "\n```")
    return "\n\n".join(parts) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    names = given.only.split(",")
    if unknown := set(names) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    for name in names:
        section = run(name, quick=given.quick)
        show(section)
        if not given.quick:
            keep(name, section)
            REPORT.parent.mkdir(exist_ok=True)
            REPORT.write_text(report(kept()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
