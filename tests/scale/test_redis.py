"""Redis stopped, frozen, and not there at the start: doorbells are lost, and nothing else."""

import signal
import time
from functools import partial

import pytest

from tests.scale.cluster import Screen, Town, post, within
from tests.scale.conftest import Build
from tests.support.engine_marks import large_only

pytestmark = [large_only, pytest.mark.server]

SWEEP = 10.0  # seconds within which all screens are right


def label(town: Town, number: int, task: str, text: str) -> float:
    """At that server's page; the seconds it took."""
    with town.browser(number) as browser:
        browser.get("/")
        begun = time.monotonic()
        assert post(browser, f"/tasks/{task}/label", label=text).status_code == 302
        return time.monotonic() - begun


def all_show(screens: list[Screen], task: str, words: str) -> bool:
    return all(screen.shows(task, words) for screen in screens)


def moving(town: Town, number: int) -> list[str]:
    """Upstream ids of tasks that the pollers will see ending in a few seconds."""
    ids = [town.gateway.add_task("amux", queued_for=1, running_for=2) for _ in range(number)]
    town.track(*ids)
    return ids


def all_completed(town: Town) -> bool:
    return town.query("SELECT count(*) FROM task WHERE status <> 'completed'") == [(0,)]


def test_all_screens_are_right_after_a_restart(town: Town, screens: list[Screen]) -> None:
    task = town.act("task", owner="alice", upstream_id="task-1", status="completed")
    town.redis.stop(signal.SIGKILL)
    assert label(town, 0, task, "while it was away") < 2
    moving(town, 10)
    within(SWEEP, lambda: all_show(screens, task, "while it was away"))
    town.redis.start()
    assert label(town, 1, task, "when it was back") < 2
    within(SWEEP, lambda: all_show(screens, task, "when it was back"))
    within(SWEEP, lambda: all_completed(town))
    assert_that_doorbells_ring(town, screens, task)


def test_a_frozen_one_holds_nobody_up(town: Town, screens: list[Screen]) -> None:
    task = town.act("task", owner="alice", upstream_id="task-1", status="completed")
    town.redis.send(signal.SIGSTOP)
    frozen_at = time.monotonic()
    moving(town, 10)
    assert label(town, 0, task, "while it was frozen") < 2
    within(SWEEP, lambda: all_show(screens, task, "while it was frozen"))
    within(SWEEP, lambda: all_completed(town))
    time.sleep(max(0.0, frozen_at + 5 - time.monotonic()))  # the outage itself
    town.redis.send(signal.SIGCONT)
    assert label(town, 1, task, "when it had thawed") < 2
    within(SWEEP, lambda: all_show(screens, task, "when it had thawed"))
    assert_that_doorbells_ring(town, screens, task)


def test_everything_starts_without_it(build: Build) -> None:
    town = build()
    town.redis.stop(signal.SIGKILL)
    town.start()
    screens = [town.screen(0), town.screen(1)]
    moving(town, 10)
    within(SWEEP, lambda: all_completed(town))
    within(SWEEP, lambda: all(len(screen.rows) == 10 for screen in screens))
    town.redis.start()
    task = str(town.query("SELECT id FROM task LIMIT 1")[0][0])
    assert_that_doorbells_ring(town, screens, task)


def assert_that_doorbells_ring(town: Town, screens: list[Screen], task: str) -> None:
    """Quicker, several times in a row, than sweeps could make it look; after a while in which all find their way."""
    for patience in (SWEEP, SWEEP):
        label(town, 0, task, f"{patience} {time.monotonic()}")
        time.sleep(patience / 2)
    for number in (0, 1, 0, 1):
        words = f"bell {number} {time.monotonic()}"
        label(town, number, task, words)
        within(2.0, partial(all_show, screens, task, words))
