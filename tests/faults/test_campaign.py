"""The short form of the kills at every step; `make soak` runs the long form."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.server
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_nothing_is_lost_however_often_it_is_killed(engine: str) -> None:
    """FAULTS_SEED repeats a campaign."""
    seed = os.environ.get("FAULTS_SEED") or str(secrets.randbelow(10**6))
    command = [sys.executable, "-m", "tests.faults.campaign", "--engine", engine, "--kills", "38", "--seed", seed]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
