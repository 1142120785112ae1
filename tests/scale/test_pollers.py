"""Several pollers share the work, even if one of them is killed, or suspended until long after its claims expired."""

import os
import signal
import time
from collections import defaultdict
from itertools import pairwise

import pytest

from tests.scale.cluster import Cluster
from tests.scale.conftest import Build
from tests.scale.test_database import all_ended, assert_history
from tests.support.engine_marks import large_only
from tests.support.wait import until

pytestmark = [large_only, pytest.mark.server]

TASKS = int(os.environ.get("SHARED_TASKS", "1000"))
POLLERS = int(os.environ.get("SHARED_POLLERS", "2"))
NAP = float(os.environ.get("SHARED_NAP", "0"))  # seconds
EVERY = max(5.0, TASKS / 400)  # seconds; as fast as the gateway can respond on the same two cores
LEASE = 30.0  # seconds
LEASES_END = (
    "UPDATE task SET lease_until = lease_until - interval '31 s', next_poll_at = next_poll_at - interval '31 s' "
    "WHERE lease_token IS NOT NULL"
)
LEASED = "SELECT count(*) FROM task WHERE lease_token IS NOT NULL"


def tracked(cluster: Cluster, number: int) -> None:
    cluster.track(*[cluster.gateway.add_task("amux+stuck") for _ in range(number)])


def test_they_share_all_tasks(build: Build) -> None:
    """Each task is polled once an interval, by one poller. In the long form, the first sleeps for three leases."""
    cluster = build(every=EVERY, pollers=POLLERS)
    tracked(cluster, TASKS)
    for poller in cluster.pollers:
        poller.start()
    until(lambda: cluster.query("SELECT count(*) FROM task WHERE polls > 0") == [(TASKS,)], 60)
    if NAP:
        cluster.pollers[0].send(signal.SIGSTOP)
        time.sleep(NAP)
        cluster.pollers[0].send(signal.SIGCONT)
    time.sleep(3.5 * EVERY)
    moments = defaultdict(list)
    for entry in cluster.gateway.log(call="status"):
        moments[entry["task"]].append(float(str(entry["monotonic"])))
    gaps = [after - before for times in moments.values() for before, after in pairwise(times)]
    twice = sum(gap < 0.8 * EVERY for gap in gaps)
    print(f"{POLLERS} pollers, {TASKS:,} tasks every {EVERY:g} s, one asleep for {NAP:g} s:")
    print(f"{len(gaps):,} polls; {twice} too early; {min(gaps):.2f} to {max(gaps):.2f} s apart")
    assert len(moments) == TASKS
    assert twice <= 0.01 * len(gaps)
    assert max(gaps) < 2 * EVERY + (LEASE if NAP else 0)
    assert_history(cluster)


def sleeping_with_claims(cluster: Cluster, signal_sent: signal.Signals) -> int:
    """Stops or kills the first poller in the middle of its requests; returns how many tasks it held."""
    slow = cluster.gateway.fault("delay", settings={"seconds": 3.0})
    cluster.pollers[0].start()
    until(lambda: cluster.query(LEASED)[0][0] == 100, 20)
    cluster.pollers[0].send(signal_sent)
    cluster.gateway.lift(slow)
    return int(cluster.query(LEASED)[0][0])


@pytest.fixture
def prepared(build: Build) -> Cluster:
    """100 running tasks, without a poller so far."""
    cluster = build(every=60.0)
    tracked(cluster, 100)
    return cluster


# Posters are made meanwhile, and change versions.
WRITTEN_BY_POLLS = (
    "SELECT id, polls, status FROM task ORDER BY id",
    "SELECT id, kind, status FROM task_event WHERE kind <> 'pictures' ORDER BY id",
)


def test_nothing_that_a_sleeper_found_is_written(prepared: Cluster) -> None:
    assert sleeping_with_claims(prepared, signal.SIGSTOP) == 100
    prepared.query(LEASES_END)  # as if the time of three leases had passed
    for entry in prepared.gateway.tasks():
        prepared.gateway.change_task(str(entry["id"]), status="completed")
    prepared.pollers[1].start()
    until(lambda: all_ended(prepared), 20)
    before = [prepared.query(written) for written in WRITTEN_BY_POLLS]
    prepared.pollers[0].send(signal.SIGCONT)
    heartbeats = "SELECT count(*) FROM poller_beat WHERE at > now() - interval '3 s'"
    until(lambda: prepared.query(heartbeats) == [(2,)], 15)  # it is running again
    time.sleep(2)  # and has tried to write
    assert [prepared.query(written) for written in WRITTEN_BY_POLLS] == before
    assert {row[1:] for row in before[0]} == {(1, "completed")}
    assert_history(prepared)


def test_what_a_dead_one_held_is_polled_by_the_other(prepared: Cluster) -> None:
    assert sleeping_with_claims(prepared, signal.SIGKILL) == 100
    for entry in prepared.gateway.tasks():
        prepared.gateway.change_task(str(entry["id"]), status="completed")
    prepared.query(LEASES_END)
    prepared.pollers[1].start()
    until(lambda: all_ended(prepared), 20)
    assert prepared.query("SELECT DISTINCT status, polls FROM task") == [("completed", 1)]
    assert_history(prepared)
