"""Separate pollers on the tests' database."""

import os

from django.conf import settings

from tests.support.engines import url_of_tests
from tests.support.processes import PollerProcess


def worker(url: str, *, every: float = 0.3, failpoint: str = "") -> PollerProcess:
    """Starts a poller that polls `url` every `every` seconds. `failpoint`: see `dashboard.failpoints`."""
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATA_DIR": str(settings.DATA_DIR),
        "DATABASE_URL": url_of_tests(),
        "AMUX_BASE_URL": url,
        "POLL_EVERY": str(every),
        "FAILPOINT": failpoint,
    }
    return PollerProcess(settings.DATA_DIR, **env).start()
