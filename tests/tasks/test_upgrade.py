"""A database from before the video table loses nothing: tasks of every kind, their events, links, keys and copies.

`before_videos.json` has the rows as the code of that version wrote them, at migration 0013.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.support.processes import ROOT, DbAgent, environment

pytestmark = pytest.mark.server

OLD: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("before_videos.json").read_text())
KEYRING = "xfeLnTiMaq60_q8z8b-LRUCUf1lEPrDTOXCATgWtpq0="
FLAGS = ("is_superuser", "is_staff", "is_active")


def old_rows(table: str) -> list[dict[str, Any]]:
    return [dict(zip(OLD[table]["columns"], row, strict=True)) for row in OLD[table]["rows"]]


def migrate(env: dict[str, str], *to: str) -> None:
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0", *to], cwd=ROOT, env=env, check=True)


@pytest.fixture(scope="module")
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbAgent]:
    env = environment(tmp_path_factory.mktemp("upgraded"), KEYRING=KEYRING)
    if connection.vendor == "postgresql":
        env["DATABASE_URL"] = request.getfixturevalue("postgres").new_database("upgraded")
    migrate(env, "dashboard", "0013")
    with DbAgent(env) as agent:
        for table in OLD:
            agent.act("load", table=table, rows=old_rows(table), flags=FLAGS)
    migrate(env)
    with DbAgent(env) as agent:
        yield agent


def rows(agent: DbAgent, table: str, *columns: str) -> list[list[str]]:
    return [*agent.act("rows", sql=f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")]


def as_text(value: object) -> str:
    return str(value).replace("-", "")


@pytest.mark.parametrize("table", ["task", "task_event", "share_link", "member"])
def test_every_row_is_there(upgraded: DbAgent, table: str) -> None:
    kept = {"task": ("id", "label", "status", "condition", "word", "raw"), "task_event": ("id", "kind", "version")}
    columns = kept.get(table, ("id",))
    before = [[as_text(row[column]) for column in columns] for row in old_rows(table)]
    assert [[as_text(value) for value in row] for row in rows(upgraded, table, *columns)] == sorted(
        before, key=lambda row: int(row[0], 16 if len(row[0]) > 30 else 10)
    )


def test_its_key_still_opens(upgraded: DbAgent) -> None:
    assert upgraded.act("last_four_opened") == ["6789"]


def test_a_search_still_finds_its_tasks(upgraded: DbAgent) -> None:
    assert upgraded.act("rows", sql="SELECT count(*) FROM task_text WHERE text LIKE '%prompt of kept%'") == [["2"]]


def videos(agent: DbAgent, *columns: str) -> dict[str, list[str]]:
    named = ", ".join(f"v.{column}" for column in columns)
    sql = f"SELECT COALESCE(t.label, ''), {named} FROM video v LEFT JOIN task t ON t.id = v.task_id"
    return {label: found for label, *found in agent.act("rows", sql=sql)}


def test_a_completed_task_has_its_video_and_no_other_has_one_without_a_reason(upgraded: DbAgent) -> None:
    completed = {row["label"] for row in old_rows("task") if row["status"] == "completed"}
    assert videos(upgraded, "id").keys() == completed | {"in progress with url", ""}
    where = "v.id <> v.task_id OR v.position <> 1"
    assert upgraded.act("rows", sql=f"SELECT v.id FROM video v WHERE {where}") == []


def test_addresses_and_what_is_known_of_the_bytes_move_along(upgraded: DbAgent) -> None:
    found = videos(upgraded, "url", "size_bytes", "content_type", "content_etag")
    assert found["played, no copy"] == ["https://files.example/played.mp4?sig=a%2Bb", "5", "video/mp4", '"v-5-u1"']
    assert found["kept, to be checked"][3] == "changed"
    assert found["unnoticed, no address"] == ["", "None", "", ""]


COPY = ("copy_state", "kept_at", "file_size", "file_etag", "tries", "lease_token", "next_try_at")


@pytest.mark.parametrize(
    ("label", "copy_state", "is_kept", "file_size", "tries", "is_due"),
    [
        ("kept", "kept", True, "5", "0", True),
        ("kept, to be checked", "waiting", False, "5", "0", True),
        ("unnoticed", "", False, "None", "0", False),
        ("played, no copy", "", False, "None", "0", False),
        ("waiting", "waiting", False, "None", "1", True),
        ("being fetched", "waiting", False, "9", "0", True),
        ("troubled", "troubled", False, "None", "4", True),
        ("full", "full", False, "None", "4", True),
        ("copy gone", "gone", False, "None", "3", False),
        ("copy failed", "failed", False, "None", "3", False),
        ("asked for again", "waiting", False, "None", "0", True),
        ("", "", False, "5", "0", True),  # of a deleted task: its file still has to be removed
    ],
)
def test_copies_go_on_where_they_were(
    upgraded: DbAgent, label: str, copy_state: str, is_kept: bool, file_size: str, tries: str, is_due: bool
) -> None:
    state, kept_at, size, _, tried, _, next_try_at = videos(upgraded, *COPY)[label]
    assert (state, kept_at != "None", size, tried) == (copy_state, is_kept, file_size, tries)
    assert (next_try_at != "None") is is_due


def test_a_copy_keeps_its_etag_and_a_claim_its_token(upgraded: DbAgent) -> None:
    found = videos(upgraded, *COPY)
    assert found["kept"][3] == '"v-5-u1"'
    assert found["being fetched"][5] != "None"


def test_going_back_brings_the_old_columns_back(upgraded: DbAgent, tmp_path: Path) -> None:
    """On SQLite only: the statements are the same, and a downgrade is expected only shortly after the upgrade."""
    env = environment(tmp_path, KEYRING=KEYRING)
    migrate(env, "dashboard", "0013")
    with DbAgent(env) as agent:
        for table in OLD:
            agent.act("load", table=table, rows=old_rows(table), flags=FLAGS)
    migrate(env)
    migrate(env, "dashboard", "0013")
    columns = ("id", "url", "size_bytes", "content_etag", "kept_at")
    with DbAgent(env) as agent:
        before = {row["id"]: [str(row[name]) for name in columns] for row in old_rows("task")}
        assert {row[0]: row for row in rows(agent, "task", *columns)} == before
        assert len(rows(agent, "film_copy", "id")) == len(old_rows("film_copy"))
