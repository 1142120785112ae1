"""A process exits immediately, and leaves no thread of its connection pool behind."""

import subprocess
import sys
from pathlib import Path

from tests.support.engines import Postgres
from tests.support.processes import ROOT, environment

# Handlers that are registered first run last.
LEFT = """
import atexit, threading
atexit.register(lambda: print([thread.name for thread in threading.enumerate()]))
import django
django.setup()
from django.db import connection
connection.ensure_connection()
assert threading.active_count() > 1
"""


def test_its_pool_is_closed_before_python_ends(postgres: Postgres, tmp_path: Path) -> None:
    env = environment(tmp_path, DATABASE_URL=postgres.url())
    ended = subprocess.run([sys.executable, "-c", LEFT], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert (ended.stdout, ended.stderr) == ("['MainThread']\n", "")
