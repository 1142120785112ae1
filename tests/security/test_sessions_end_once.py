"""Other users could read session keys before this version: the upgrade ends every session, once, and says so."""

import subprocess
import sys

import httpx
import pytest

from tests.support.processes import ROOT, ServerProcess, environment

pytestmark = pytest.mark.server
TOLD = "All 2 sessions were ended"


def roll_back(process: ServerProcess) -> None:
    """Reverts the database to the previous version."""
    command = [sys.executable, "manage.py", "migrate", "dashboard", "0008", "-v0"]
    subprocess.run(command, cwd=ROOT, env=environment(process.data_dir), check=True)


def status(process: ServerProcess, cookie: str) -> int:
    return httpx.get(process.url, headers={"Cookie": cookie}).status_code


def test_the_upgrade_ends_every_session_and_says_so(process: ServerProcess) -> None:
    cookies = [process.session(name) for name in ("alice", "admin")]
    roll_back(process)
    process.start()
    assert [status(process, cookie) for cookie in cookies] == [302, 302]
    assert "".join(process.output).count(TOLD) == 1


def test_it_ends_none_after_that(process: ServerProcess) -> None:
    roll_back(process)
    process.start()
    cookie = process.session("alice")
    process.restart()
    assert status(process, cookie) == 200
    assert "sessions were ended" not in "".join(process.output)
