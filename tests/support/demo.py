"""`make demo` as a child process, its folder and its port given."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.processes import ROOT


def start_demo(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    """Returns at once. What it says is not kept; SIGINT or SIGTERM ends it and its servers."""
    env = {**os.environ, "DATA_DIR": str(folder), "PORT": str(port)}
    command = [sys.executable, "-m", "dashboard.management.demo_launcher"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=quiet, stderr=quiet)
