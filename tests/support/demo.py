"""`make demo` as a child process, with the given folder and port."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.processes import ROOT


def start_demo(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    """Returns immediately. The output is discarded; SIGINT or SIGTERM ends the process and its servers."""
    env = {**os.environ, "DATA_DIR": str(folder), "PORT": str(port)}
    command = [sys.executable, "-m", "dashboard.management.demo_launcher"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=quiet, stderr=quiet)
