"""Which proxies are trusted: the addresses in TRUSTED_PROXIES, and only if browsers connect through TLS."""

import subprocess
import sys

import httpx
import pytest

from tests.support.processes import ROOT, ServerProcess, environment

pytestmark = pytest.mark.server

CLAIM = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
TLS = {"CSRF_TRUSTED_ORIGINS": "https://127.0.0.1"}


@pytest.mark.parametrize(
    ("trusted", "status"),
    [({}, 200), ({"TRUSTED_PROXIES": "10.0.0.0/8"}, 301), ({"TRUSTED_PROXIES": "127.0.0.0/8"}, 200)],
)
def test_only_a_trusted_proxy_may_speak_of_https(process: ServerProcess, trusted: dict[str, str], status: int) -> None:
    process.env = {**TLS, **trusted}
    process.start()
    assert httpx.get(f"{process.url}/accounts/login/", headers=CLAIM).status_code == status


def test_nobody_is_a_proxy_without_tls(process: ServerProcess) -> None:
    process.start()
    answer = httpx.get(f"{process.url}/accounts/login/", headers=CLAIM)
    assert "Strict-Transport-Security" not in answer.headers
    assert "Secure" not in answer.headers["Set-Cookie"]


def test_it_does_not_start_with_an_address_that_is_none(process: ServerProcess) -> None:
    env = environment(process.data_dir, TRUSTED_PROXIES="nginx")
    command = [sys.executable, "manage.py", "serve", "--port", "0"]
    refused = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert refused.returncode != 0
    assert "TRUSTED_PROXIES='nginx' is not allowed: use IP addresses or networks" in refused.stderr
