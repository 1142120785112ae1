"""A cluster on a new database of this process's PostgreSQL."""

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.scale.cluster import SECRETS, Cluster, Screen
from tests.support.engines import Postgres, Redis
from tests.support.gateway import ALICE_KEY, Gateway
from tests.support.processes import ROOT, DbAgent, environment

numbers = itertools.count(1)
Build = Callable[..., Cluster]


@pytest.fixture(scope="session")
def furnished(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with its tables, alice and her key, to be copied for each cluster."""
    url = postgres.new_database("furnished")
    env = environment(tmp_path_factory.mktemp("furnished"), DATABASE_URL=url, **SECRETS)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, check=True)
    with DbAgent(env) as agent:
        agent.act("member", username="alice")
        agent.act("key", owner="alice", secret=ALICE_KEY)
    return "furnished"


@pytest.fixture
def build(postgres: Postgres, redis: Redis, gateway: Gateway, tmp_path: Path, furnished: str) -> Iterator[Build]:
    """Creates a cluster that is not started; `every`: seconds between two polls."""
    made: list[Cluster] = []

    def cluster(*, every: float = 1.0, pollers: int = 2) -> Cluster:
        url = postgres.new_database(f"cluster{next(numbers)}", furnished)
        made.append(Cluster(tmp_path, postgres, redis, gateway, pollers, DATABASE_URL=url, POLL_EVERY=str(every)))
        return made[-1]

    yield cluster
    for one in made:
        one.close()


@pytest.fixture
def cluster(build: Build) -> Cluster:
    """A cluster that is started."""
    built = build()
    built.start()
    return built


@pytest.fixture
def screens(cluster: Cluster) -> list[Screen]:
    """Two of alice's screens on each server."""
    return [cluster.screen(number) for number in (0, 1) for _ in range(2)]
