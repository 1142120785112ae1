"""Anyone can send a long path or header; logging it must take milliseconds, not seconds."""

import httpx
import pytest

from tests.support.processes import ServerProcess

pytestmark = pytest.mark.server

TICKS = 100  # per processor second, as /proc counts
MOST = 2.0  # processor seconds for one request on a very slow machine; it once took 8 to 10


def spent(server: ServerProcess) -> float:
    """Returns the processor seconds that the server has used."""
    with open(f"/proc/{server.pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@pytest.mark.parametrize("unit", ["a+", "a.", "http://", "http://a?", "://a@", "/s/", "Bearer%20", "sk-", "gAAAA"])
def test_it_takes_a_long_path(process: ServerProcess, unit: str) -> None:
    process.start()
    before = spent(process)
    path = "/" + (unit * 16_000)[:31_000]
    assert httpx.get(f"{process.url}{path}", timeout=60).status_code == 404
    assert httpx.get(f"{process.url}/healthz", timeout=60).status_code == 200
    assert spent(process) - before < MOST


@pytest.mark.parametrize("name", ["Origin", "Referer"])
def test_it_takes_a_long_header(process: ServerProcess, name: str) -> None:
    process.start()
    before = spent(process)
    fields = {name: "http://" + "a." * 15_000, "X-Forwarded-Proto": "https"}
    assert httpx.post(f"{process.url}/accounts/login/", headers=fields, timeout=60).status_code == 403
    assert httpx.get(f"{process.url}/healthz", timeout=60).status_code == 200
    assert spent(process) - before < MOST
    process.eventually(lambda: any("/accounts/login/" in line for line in process.output))
    assert max(map(len, process.output)) < 4_000
