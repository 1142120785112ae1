"""What is done in one process is seen through the others."""

from functools import partial

import pytest

from tests.scale.cluster import Screen, Town, post, within
from tests.scale.test_redis import all_show
from tests.support.engine_marks import large_only

pytestmark = [large_only, pytest.mark.server]


def test_it_shows_live_at_both_servers_what_a_poller_found(town: Town, screens: list[Screen]) -> None:
    upstream_id = town.gateway.add_task(queued_for=0, running_for=600)
    with town.browser(0) as browser:
        assert post(browser, "/tasks/track", task_ids=upstream_id).status_code == 200
    ((task,),) = within_rows(town, f"SELECT id FROM task WHERE upstream_id = '{upstream_id}'")
    within(5, lambda: all(screen.shows(str(task), 'data-status="in_progress"') for screen in screens))
    town.gateway.change_task(upstream_id, status="completed")
    within(5, lambda: all(screen.shows(str(task), 'data-status="completed"') for screen in screens))


def test_it_shows_at_one_server_what_was_done_at_the_other(town: Town, screens: list[Screen]) -> None:
    task = town.act("task", owner="alice", upstream_id="task-1", status="completed")
    for number in (0, 1, 0, 1):
        with town.browser(number) as browser:
            post(browser, f"/tasks/{task}/label", label=f"named at {number}")
        within(3, partial(all_show, screens, task, f"named at {number}"))


def within_rows(town: Town, sql: str) -> list[tuple[object, ...]]:
    within(5, lambda: town.query(sql))
    return town.query(sql)
