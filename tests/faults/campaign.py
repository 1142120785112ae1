"""`python -m tests.faults.campaign --kills 1000`: kills pollers and submissions at every step, and checks the result.

Prints its seed, and accepts it again with --seed (or FAULTS_SEED). Exits with 1 and says why if anything is wrong.
"""

import argparse
import gc
import os
import random
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django

from tests.support import engines

if TYPE_CHECKING:
    from tests.faults.rounds import Figures


@contextmanager
def database(engine: str) -> Iterator[str]:
    """Yields a DATABASE_URL; empty for SQLite in DATA_DIR."""
    if engine == "sqlite":
        yield ""
        return
    with engines.running(engines.Postgres) as server:
        assert isinstance(server, engines.Postgres)
        yield server.url()


def prepare(data_dir: str, url: str) -> None:
    """Sets up Django with an empty database that has all its tables."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATA_DIR": data_dir, "DATABASE_URL": url}
    os.environ |= {"POLLER": "separate", "FAILPOINT": "", "POLL_FIRST": "0.2"}
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    connections.close_all()
    gc.freeze()


def run(engine: str, kills: int, seed: int) -> "Figures":
    with tempfile.TemporaryDirectory(prefix="reelboard-faults-") as data_dir, database(engine) as url:
        prepare(data_dir, url)
        from django.conf import settings
        from django.db import connections

        from tests.faults.kill_on_request import Trap, gateway_process
        from tests.faults.rounds import Campaign

        trap = Trap()
        with gateway_process(Path(data_dir, "videos"), trap, seed) as gateway:
            settings.AMUX_BASE_URL = gateway.url
            figures = Campaign(gateway, trap, random.Random(seed)).run(kills)
            connections.close_all()
        if figures.found.wrong:
            print(Path(data_dir, "children.log").read_text()[-5_000:], file=sys.stderr)
        return figures


def report(engine: str, seed: int, figures: "Figures") -> str:
    found = figures.found
    places = ", ".join(f"{place} {number}" for place, number in sorted(figures.killed.items()))
    return (
        f"{engine}, seed {seed}: {figures.kills} kills in {figures.seconds:.0f} s, {found.tasks:,} tasks, "
        f"{found.events:,} events, {found.polls:,} polls, {found.creates:,} submissions; wrong: {len(found.wrong)}; "
        f"asked for again within {figures.latest:.1f} s, stopped within {figures.slowest_stop:.1f} s\n{places}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("FAULTS_SEED") or secrets.randbelow(10**6)))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    figures = run(given.engine, given.kills, given.seed)
    print(report(given.engine, given.seed, figures), *figures.found.wrong[:20], sep="\n")
    return int(bool(figures.found.wrong))


if __name__ == "__main__":
    sys.exit(main())
