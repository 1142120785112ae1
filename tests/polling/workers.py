"""`manage.py runworker poller` in a process of its own, over the tests' database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from tests.support.engines import url_of_tests

ROOT = Path(__file__).resolve().parents[2]


class WorkerProcess:
    """Polls `url` every `every` seconds. `failpoint`: see `dashboard.failpoints`."""

    def __init__(self, url: str, *, every: float = 0.3, failpoint: str = "") -> None:
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATA_DIR": str(settings.DATA_DIR),
            "DATABASE_URL": url_of_tests(),
            "AMUX_BASE_URL": url,
            "POLLER": "separate",
            "POLL_EVERY": str(every),
            "FAILPOINT": failpoint,
        }
        command = [sys.executable, "manage.py", "runworker", "poller"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def terminate(self, times: int = 1) -> tuple[int, float]:
        """SIGTERM; the exit code, and the seconds it took."""
        begun = time.monotonic()
        for _ in range(times):
            self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=60)
        return self._process.returncode, time.monotonic() - begun

    def died(self) -> int:
        """Waits for it to die by itself; its exit code."""
        self._process.communicate(timeout=60)
        return self._process.returncode

    def __enter__(self) -> "WorkerProcess":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.kill()


def eventually(holds: Callable[[], bool], within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)
