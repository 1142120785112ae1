"""A short token could be guessed: it stops the start, and is not repeated in the error."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT, environment

EXPLAINED = "METRICS_TOKEN='...' is not allowed: use at least 16 characters, such as those of: openssl rand -hex 24"


def start(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "check"]
    return subprocess.run(command, cwd=ROOT, env=environment(folder, **env), capture_output=True, text=True)


@pytest.mark.parametrize("token", ["x", "fifteen-letters"])
def test_it_does_not_start_with_a_short_token(tmp_path: Path, token: str) -> None:
    refused = start(tmp_path, METRICS_TOKEN=token)
    assert refused.returncode != 0
    assert EXPLAINED in refused.stderr
    assert f"={token}" not in refused.stderr


def test_a_short_one_in_a_file_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("x\n")
    assert EXPLAINED in start(tmp_path, METRICS_TOKEN_FILE=str(tmp_path / "token")).stderr


@pytest.mark.parametrize("token", ["", "0123456789abcdef"])
def test_it_starts_with_a_long_one_or_none(tmp_path: Path, token: str) -> None:
    assert start(tmp_path, METRICS_TOKEN=token).returncode == 0
