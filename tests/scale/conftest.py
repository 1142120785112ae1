"""A town over a new database of this process's PostgreSQL."""

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.scale.cluster import SECRETS, Screen, Town
from tests.support.engines import Postgres, Redis
from tests.support.gateway import ALICE_KEY, Gateway
from tests.support.processes import ROOT, Puppet, environment

numbers = itertools.count(1)
Build = Callable[..., Town]


@pytest.fixture(scope="session")
def furnished(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with its tables, alice and her key, to be copied for each town."""
    url = postgres.new_database("furnished")
    env = environment(tmp_path_factory.mktemp("furnished"), DATABASE_URL=url, **SECRETS)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, check=True)
    with Puppet(env) as puppet:
        puppet.act("member", username="alice")
        puppet.act("key", owner="alice", secret=ALICE_KEY)
    return "furnished"


@pytest.fixture
def build(postgres: Postgres, redis: Redis, gateway: Gateway, tmp_path: Path, furnished: str) -> Iterator[Build]:
    """Makes a town in which nothing runs yet; `every`: seconds between two polls."""
    made: list[Town] = []

    def town(*, every: float = 1.0, pollers: int = 2) -> Town:
        url = postgres.new_database(f"town{next(numbers)}", furnished)
        made.append(Town(tmp_path, postgres, redis, gateway, pollers, DATABASE_URL=url, POLL_EVERY=str(every)))
        return made[-1]

    yield town
    for one in made:
        one.close()


@pytest.fixture
def town(build: Build) -> Town:
    """Started."""
    built = build()
    built.start()
    return built


@pytest.fixture
def screens(town: Town) -> list[Screen]:
    """Two of alice's at each server."""
    return [town.screen(number) for number in (0, 1) for _ in range(2)]
