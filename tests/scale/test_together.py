"""Changes in one process are visible through the others."""

from functools import partial

import pytest

from tests.scale.cluster import Cluster, Screen, post
from tests.scale.test_redis import all_show
from tests.support.engine_marks import large_only
from tests.support.wait import until

pytestmark = [large_only, pytest.mark.server]


def test_it_shows_live_at_both_servers_what_a_poller_found(cluster: Cluster, screens: list[Screen]) -> None:
    upstream_id = cluster.gateway.add_task(queued_for=0, running_for=600)
    with cluster.browser(0) as browser:
        assert post(browser, "/tasks/track", task_ids=upstream_id).status_code == 200
    ((task,),) = within_rows(cluster, f"SELECT id FROM task WHERE upstream_id = '{upstream_id}'")
    until(lambda: all(screen.shows(str(task), 'data-status="in_progress"') for screen in screens), 5)
    cluster.gateway.change_task(upstream_id, status="completed")
    until(lambda: all(screen.shows(str(task), 'data-status="completed"') for screen in screens), 5)


def test_it_shows_at_one_server_what_was_done_at_the_other(cluster: Cluster, screens: list[Screen]) -> None:
    task = cluster.act("task", owner="alice", upstream_id="task-1", status="completed")
    for number in (0, 1, 0, 1):
        with cluster.browser(number) as browser:
            post(browser, f"/tasks/{task}/label", label=f"named at {number}")
        until(partial(all_show, screens, task, f"named at {number}"), 3)


def within_rows(cluster: Cluster, sql: str) -> list[tuple[object, ...]]:
    until(lambda: cluster.query(sql), 5)
    return cluster.query(sql)
