"""Runs one measurement in a separate process, and reads the JSON that it prints."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.crowd import ROOT
from tests.support.processes import environment

MOST = 300  # seconds


class Failed(Exception):
    """Raised if a measurement did not finish; the message has the last lines of its output."""


def worker(name: str, *arguments: str, data_dir: Path | None = None, **env: str) -> dict[str, Any]:
    """Runs `python -m tests.bench.NAME ARGUMENTS`, with a new DATA_DIR unless one is given."""
    with tempfile.TemporaryDirectory(prefix="reelboard-bench-") as folder:
        given = environment(data_dir or Path(folder), **env)
        command = [sys.executable, "-m", f"tests.bench.{name}", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=MOST)
    if done.returncode:
        raise Failed(f"{name}: " + "\n".join((done.stdout + done.stderr).splitlines()[-15:]))
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found
