"""Eight writers in four processes on one SQLite database, while a server polls 200 tasks: no write ever fails."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.utils import timezone

from tests.support.gateway import ALICE_KEY, Gateway
from tests.support.processes import BROKEN_HISTORIES, ROOT, ServerProcess, environment

PROCESSES = 4
SECONDS = float(os.environ.get("WRITING", "6"))
TASKS = 200
LABELLED = 20
LONGEST = 20.0  # seconds: how long SQLite waits before it fails with "database is locked"


def polled(process: ServerProcess, gateway: Gateway) -> list[str]:
    key_id = process.act("key", owner="alice", secret=ALICE_KEY)
    due = timezone.now().isoformat()
    found = []
    for _ in range(TASKS):
        upstream_id = gateway.add_task("amux+stuck")
        found.append(process.act("task", owner="alice", key_id=key_id, upstream_id=upstream_id, next_poll_at=due))
    return found


def labelled(process: ServerProcess, ids: list[str]) -> list[dict[str, Any]]:
    """Returns the report of each writer."""
    command = [sys.executable, "-m", "tests.faults.writers", str(SECONDS), *ids]
    env = environment(process.data_dir, **process.env)
    writers = [
        subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)
    ]
    try:
        return [told for writer in writers for told in json.loads(writer.communicate(timeout=SECONDS + 20)[0])]
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()


@pytest.mark.server
def test_it_turns_nobody_away_and_nothing_is_lost(process: ServerProcess, gateway: Gateway) -> None:
    process.env |= {"POLLER": "embedded", "AMUX_BASE_URL": gateway.url, "POLL_EVERY": "0.5"}
    ids = polled(process, gateway)
    process.start()
    before = gateway.totals().get("status 200", 0)
    told = labelled(process, ids[:LABELLED])
    polls = gateway.totals().get("status 200", 0) - before
    written, longest = sum(one["written"] for one in told), max(one["longest"] for one in told)
    print(f"{len(told)} writers, {written} labels, {polls} polls beside them, longest wait {longest:.2f} s")
    assert [problem for one in told for problem in one["problems"]] == []
    assert not any("database is locked" in line for line in process.output), "".join(process.output)
    assert all(one["written"] > 0 for one in told)
    assert longest < LONGEST
    assert polls > TASKS
    assert process.act("rows", sql=BROKEN_HISTORIES) == []
    assert process.act("rows", sql="SELECT count(*) FROM task_event WHERE kind = 'label'") == [[str(written)]]
