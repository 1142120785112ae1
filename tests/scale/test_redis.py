"""Redis is stopped, suspended, or missing at the start: notifications are lost, and nothing else."""

import signal
import time
from functools import partial

import pytest

from tests.scale.cluster import Cluster, Screen, post
from tests.scale.conftest import Build
from tests.support.engine_marks import large_only
from tests.support.wait import until

pytestmark = [large_only, pytest.mark.server]

SWEEP = 10.0  # seconds within which all screens are up to date


def label(cluster: Cluster, number: int, task: str, text: str) -> float:
    """Sets the label on that server's page; returns how many seconds it took."""
    with cluster.browser(number) as browser:
        browser.get("/")
        begun = time.monotonic()
        assert post(browser, f"/tasks/{task}/label", label=text).status_code == 302
        return time.monotonic() - begun


def all_show(screens: list[Screen], task: str, words: str) -> bool:
    return all(screen.shows(task, words) for screen in screens)


def moving(cluster: Cluster, number: int) -> list[str]:
    """Returns the upstream IDs of tasks that end in a few seconds."""
    ids = [cluster.gateway.add_task("amux", queued_for=1, running_for=2) for _ in range(number)]
    cluster.track(*ids)
    return ids


def all_completed(cluster: Cluster) -> bool:
    return cluster.query("SELECT count(*) FROM task WHERE status <> 'completed'") == [(0,)]


def test_all_screens_are_right_after_a_restart(cluster: Cluster, screens: list[Screen]) -> None:
    task = cluster.act("task", owner="alice", upstream_id="task-1", status="completed")
    cluster.redis.stop(signal.SIGKILL)
    assert label(cluster, 0, task, "while it was away") < 2
    moving(cluster, 10)
    until(lambda: all_show(screens, task, "while it was away"), SWEEP)
    cluster.redis.start()
    assert label(cluster, 1, task, "when it was back") < 2
    until(lambda: all_show(screens, task, "when it was back"), SWEEP)
    until(lambda: all_completed(cluster), SWEEP)
    assert_that_notifications_arrive(cluster, screens, task)


def test_a_frozen_one_holds_nobody_up(cluster: Cluster, screens: list[Screen]) -> None:
    task = cluster.act("task", owner="alice", upstream_id="task-1", status="completed")
    cluster.redis.send(signal.SIGSTOP)
    frozen_at = time.monotonic()
    moving(cluster, 10)
    assert label(cluster, 0, task, "while it was frozen") < 2
    until(lambda: all_show(screens, task, "while it was frozen"), SWEEP)
    until(lambda: all_completed(cluster), SWEEP)
    time.sleep(max(0.0, frozen_at + 5 - time.monotonic()))  # the outage itself
    cluster.redis.send(signal.SIGCONT)
    assert label(cluster, 1, task, "when it had thawed") < 2
    until(lambda: all_show(screens, task, "when it had thawed"), SWEEP)
    assert_that_notifications_arrive(cluster, screens, task)


def test_everything_starts_without_it(build: Build) -> None:
    cluster = build()
    cluster.redis.stop(signal.SIGKILL)
    cluster.start()
    screens = [cluster.screen(0), cluster.screen(1)]
    moving(cluster, 10)
    until(lambda: all_completed(cluster), SWEEP)
    until(lambda: all(len(screen.rows) == 10 for screen in screens), SWEEP)
    cluster.redis.start()
    task = str(cluster.query("SELECT id FROM task LIMIT 1")[0][0])
    assert_that_notifications_arrive(cluster, screens, task)


def assert_that_notifications_arrive(cluster: Cluster, screens: list[Screen], task: str) -> None:
    """Several changes in a row arrive faster than sweeps could deliver them, after some time for all to reconnect."""
    for patience in (SWEEP, SWEEP):
        label(cluster, 0, task, f"{patience} {time.monotonic()}")
        time.sleep(patience / 2)
    for number in (0, 1, 0, 1):
        words = f"notification {number} {time.monotonic()}"
        label(cluster, number, task, words)
        until(partial(all_show, screens, task, words), 2.0)
