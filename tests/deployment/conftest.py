"""The product behind a real nginx, over TLS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.proxies import Nginx
from tests.support.processes import ServerProcess


@pytest.fixture
def nginx(process: ServerProcess, tmp_path: Path) -> Iterator[Nginx]:
    """Not started; its URL is in the settings of `process`."""
    made = Nginx(tmp_path, process.data_dir)
    process.env = {"CSRF_TRUSTED_ORIGINS": made.url, "ALLOWED_HOSTS": "localhost,127.0.0.1", "LOG_FORMAT": "json"}
    yield made
    made.close()


@pytest.fixture
def site(process: ServerProcess, nginx: Nginx) -> Nginx:
    """nginx and the server, both started."""
    process.start()
    nginx.start(process.port)
    return nginx
