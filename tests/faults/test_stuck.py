"""The short form of `python -m tests.faults.stalled_readers`."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.server

SHORT = ("--streams", "40", "--stuck", "4", "--vanished", "4", "--patience", "3", "--seconds", "4", "--no-judge")


def test_readers_that_stop_or_vanish_are_let_go() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.stalled_readers", *SHORT], capture_output=True, text=True
    )
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    assert "4 stopped: 4 let go" in done.stdout
    assert "4 vanished: 4 let go" in done.stdout
