"""An invalid setting stops the start; the error has its name, and none of the passwords in it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT, environment

WRONG = {
    "AMUX_BASE_URL": [
        "https://alice:Hunter2@api.example.com",
        "alice:Hunter2@api.example.com",
        "https://a/?key=Hunter2",
    ],
    "ALLOWED_PRIVATE_HOSTS": ["https://alice:Hunter2@minio"],
    "CSRF_TRUSTED_ORIGINS": ["https://good.example.com,alice:Hunter2@reelboard.example.com"],
    "DATABASE_URL": [
        "postgres://alice:Hunter2/x@db/name",
        "Hunter2",
        "mysql://alice:Hunter2@db/name",
        "postgres://a:Hunter2",
    ],
    "REDIS_URL": ["redis://:Hunter2/x@redis:6379/0", "Hunter2", "alice:Hunter2@redis", "redis://:Hunter2#@redis"],
    "TRUSTED_PROXIES": ["http://alice:Hunter2@10.0.0.1"],
    **{f"{name}_FILE": ["Hunter2"] for name in ("SECRET_KEY", "KEYRING", "METRICS_TOKEN", "DATABASE_URL", "REDIS_URL")},
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_it_names_the_setting_and_shows_no_password(tmp_path: Path, name: str, value: str) -> None:
    command = [sys.executable, "-c", "import dashboard.settings"]
    env = environment(tmp_path, **{name: value})
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"ImproperlyConfigured: {name}" in done.stderr
    assert "Hunter2" not in done.stderr
