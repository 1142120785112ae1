"""From SQLite to PostgreSQL with the commands of docs/operations.md: nothing is lost, and everything continues."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.engine_marks import large_only
from tests.support.engines import Postgres
from tests.support.gateway import ALICE_KEY, Gateway
from tests.support.processes import BROKEN_HISTORIES, ROOT, ServerProcess, environment

pytestmark = [large_only, pytest.mark.server]

TABLES = ("member", "api_key", "task", "task_event", "task_text", "video", "poller_beat")


def commands() -> list[str]:
    """Returns the commands of that section."""
    found = re.search(r"From SQLite to PostgreSQL.*?```sh\n(.*?)```", (ROOT / "docs/operations.md").read_text(), re.S)
    assert found is not None
    return [line.partition("#")[0].strip() for line in found[1].splitlines()]


def run(line: str, env: dict[str, str]) -> None:
    words = [sys.executable if word == "python" else word for word in shlex.split(line)]
    given = dict(word.split("=", 1) for word in words if re.match("[A-Z_]+=", word))
    words = [word for word in words if word.partition("=")[0] not in given]
    done = subprocess.run(words, cwd=ROOT, env={**env, **given}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_everything_moves_and_goes_on(
    process: ServerProcess, postgres: Postgres, gateway: Gateway, tmp_path: Path
) -> None:
    process.env |= {"POLLER": "embedded", "AMUX_BASE_URL": gateway.url, "POLL_EVERY": "0.5"}
    key = process.act("key", owner="alice", secret=ALICE_KEY)
    done = gateway.add_task("amux", status="completed")
    process.act("tracked", owner="alice", key=key, upstream_ids=[done, gateway.add_task("amux+stuck")])
    process.start()
    process.eventually(lambda: process.act("rows", sql="SELECT status FROM task ORDER BY 1")[0] == ["completed"])
    process.terminate()
    process.act("task", owner="alice", upstream_id="task-x", label="A heliograph", status="completed")
    before = {table: process.act("rows", sql=f"SELECT count(*) FROM {table}") for table in TABLES}

    url, env = postgres.new_database("moved"), environment(process.data_dir, **process.env)
    dump = tmp_path / "everything.json"
    for line in commands():
        run(line.replace("postgres://...", url).replace("everything.json", str(dump)), env)

    moved = ServerProcess(process.data_dir, **process.env, DATABASE_URL=url)
    try:
        assert {table: moved.act("rows", sql=f"SELECT count(*) FROM {table}") for table in TABLES} == before
        later = gateway.add_task("amux", status="completed")
        moved.start()
        moved.sign_in("alice")
        moved.act("tracked", owner="alice", key=key, upstream_ids=[later])
        moved.eventually(
            lambda: moved.act("rows", sql=f"SELECT status FROM task WHERE upstream_id = '{later}'") == [["completed"]]
        )
        assert moved.act("rows", sql=BROKEN_HISTORIES) == []
        with moved.browser("alice") as browser:
            assert "A heliograph" in browser.get("/?q=heliograph").text
    finally:
        moved.close()
