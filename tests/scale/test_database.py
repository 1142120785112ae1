"""PostgreSQL restarts under load, and many requests wait for the gateway: pages recover, and are never blocked."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from dashboard.tasks.board import PAGE
from tests.scale.cluster import Cluster, post
from tests.scale.test_redis import moving
from tests.support.engine_marks import large_only
from tests.support.processes import BROKEN_HISTORIES, ROOT, environment
from tests.support.wait import until

pytestmark = [large_only, pytest.mark.server]

AWAY = float(os.environ.get("AWAY", "1"))  # seconds, in addition to stopping and starting
POOL = 10  # maximum connections of one process, see settings.DATABASES


class Readers:
    """Members who read the board on both servers continuously. Use it with `with`."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._over = threading.Event()
        self.answers: list[tuple[float, int]] = []  # when, status
        self._threads = [threading.Thread(target=self._read, args=(number % 2,)) for number in range(4)]

    def __enter__(self) -> "Readers":
        self._cookies = [server.session("alice") for server in self._cluster.servers]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(20)

    def _read(self, number: int) -> None:
        headers = {"Cookie": self._cookies[number]}
        with httpx.Client(base_url=self._cluster.servers[number].url, headers=headers, timeout=15) as browser:
            while not self._over.wait(0.05):
                self.answers.append((time.monotonic(), browser.get("/").status_code))


def connections(cluster: Cluster) -> int:
    found = cluster.postgres.execute(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{cluster.database}'")
    return int(str(found[0][0]))


def assert_history(cluster: Cluster) -> None:
    """Checks that each version of each task has exactly one event."""
    assert cluster.query(BROKEN_HISTORIES) == []


def all_ended(cluster: Cluster) -> bool:
    return cluster.query("SELECT count(*) FROM task WHERE next_poll_at IS NOT NULL") == [(0,)]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_pages_recover_and_nothing_is_lost(cluster: Cluster, how: signal.Signals) -> None:
    ids = moving(cluster, PAGE)
    screens = [cluster.screen(0), cluster.screen(1)]
    with Readers(cluster) as readers, cluster.browser(0) as browser:
        time.sleep(1)  # some load before the outage
        cluster.postgres.stop(how)
        answer = browser.get("/", timeout=20)
        assert (answer.status_code, "Database unavailable" in answer.text) == (503, True)
        time.sleep(AWAY)
        cluster.postgres.start()
        back_at = time.monotonic()
        until(lambda: all_ended(cluster), 45)
        print(f"away for {AWAY:.0f} s; every task ended {time.monotonic() - back_at:.1f} s after its return")
        time.sleep(max(0.0, back_at + 8 - time.monotonic()))  # some more load afterwards
    statuses = Counter(status for when, status in readers.answers if when > back_at + 5)
    assert set(statuses) == {200}, statuses
    assert dict(cluster.query("SELECT upstream_id, status FROM task")) == dict.fromkeys(ids, "completed")
    assert_history(cluster)
    until(lambda: all(sum('"completed"' in row for row in screen.rows.values()) == PAGE for screen in screens), 10)


def test_however_long_it_was_away_attempts_to_connect_stay_close(tmp_path: Path) -> None:
    """AWAY=30 shows why: with the pool's default of 300 s, pages failed for up to 16 s after the return."""
    ask = "from dashboard.settings import DATABASES as d; print(d['default']['OPTIONS']['pool']['reconnect_timeout'])"
    env = environment(tmp_path, DATABASE_URL="postgres://somebody@127.0.0.1/reelboard")
    told = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, env=env, capture_output=True, check=True)
    assert float(told.stdout) <= 5


def test_pages_answer_while_many_wait_for_the_gateway(cluster: Cluster) -> None:
    ((key,),) = cluster.query("SELECT id FROM api_key")
    cluster.gateway.fault("silent")
    with cluster.browser(0) as browser, ThreadPoolExecutor(30) as pool:
        browser.get("/")
        tests = [pool.submit(post, browser, f"/keys/{key}/test") for _ in range(30)]
        time.sleep(1)  # all of them are waiting now
        assert not any(test.done() for test in tests)
        begun = time.monotonic()
        assert browser.get("/").status_code == 200
        assert time.monotonic() - begun < 4
        cluster.gateway.lift()


def test_the_number_of_connections_stays_flat(cluster: Cluster) -> None:
    moving(cluster, 50)
    most = 0
    with ThreadPoolExecutor(60) as pool, cluster.browser(0) as browser:
        answers = [pool.submit(browser.get, "/") for _ in range(300)]
        while not all(answer.done() for answer in answers):
            most = max(most, connections(cluster))
            time.sleep(0.05)
    assert Counter(answer.result().status_code for answer in answers) == {200: 300}
    print(f"at most {most} connections of 2 servers, 2 pollers and a agent")
    assert most <= 4 * POOL + 2
