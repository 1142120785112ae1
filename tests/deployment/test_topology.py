"""The servers and pollers of compose.yaml, started as plain processes with the same commands and environment."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.deployment import compose_file
from tests.deployment.compose_file import PRODUCT, Container
from tests.deployment.proxies import Nginx
from tests.support.engines import Postgres, Redis, for_tests
from tests.support.ports import free_port
from tests.support.processes import ROOT

pytestmark = pytest.mark.server


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def nginx(tmp_path: Path, data_dir: Path) -> Iterator[Nginx]:
    made = Nginx(tmp_path, data_dir)
    yield made
    made.close()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def here(stack: ExitStack, nginx: Nginx, data_dir: Path, tmp_path: Path) -> dict[str, str]:
    """The settings that differ from compose.yaml on this machine; starts a new database and Redis."""
    subprocess.run([ROOT / "ops/make-secrets", tmp_path / "secrets"], check=True)
    postgres, redis = stack.enter_context(for_tests(Postgres)), stack.enter_context(for_tests(Redis))
    url = tmp_path / "secrets" / "database_url"
    url.chmod(0o600)
    url.write_text(postgres.new_database("reelboard"))
    names = {"ALLOWED_HOSTS": "localhost", "CSRF_TRUSTED_ORIGINS": nginx.url, "TRUSTED_PROXIES": "127.0.0.1"}
    return {"DATA_DIR": str(data_dir), "REDIS_URL": redis.url, "AMUX_BASE_URL": "http://127.0.0.1:1", **names}


@pytest.fixture
def containers(stack: ExitStack, here: dict[str, str], tmp_path: Path) -> dict[str, Container]:
    """All four, running; the pollers start after the servers, as in compose.yaml."""
    folder = compose_file.image(tmp_path / "image")
    made = {}
    for name in PRODUCT:
        env = compose_file.environment(name, tmp_path / "secrets", **here, PORT=str(free_port()))
        made[name] = Container(name, folder, env, port=int(env["PORT"]))
    for name in ("server1", "server2"):
        made[name].start()
        stack.callback(made[name].close)
    for name in ("server1", "server2"):
        made[name].wait_for("is at http://")
    for name in ("poller1", "poller2"):
        made[name].start()
        stack.callback(made[name].close)
        made[name].wait_for("polling")
    return made


def test_two_servers_and_two_pollers_work_together(
    containers: dict[str, Container], nginx: Nginx, tmp_path: Path
) -> None:
    said = ["".join(containers[name].output) for name in ("server1", "server2")]
    assert sum("migrations applied" in one for one in said) in (1, 2)
    token = {"Authorization": f"Bearer {(tmp_path / 'secrets' / 'metrics_token').read_text().strip()}"}
    for name in ("server1", "server2"):
        origin = f"http://127.0.0.1:{containers[name].port}"
        with httpx.Client(base_url=origin, headers={"Host": "localhost"}, timeout=60) as client:
            ready = client.get("/readyz")
            assert ready.status_code == 200, ready.text
            assert client.get("/metrics").status_code == 404
            assert "reelboard_pollers 2.0" in client.get("/metrics", headers=token).text
    nginx.start(containers["server1"].port, containers["server2"].port)
    with nginx.browser() as browser:
        assert {browser.get("/accounts/login/").status_code for _ in range(4)} == {200}
    served = ["/accounts/login/" in "".join(containers[name].output) for name in ("server1", "server2")]
    assert served == [True, True]
    assert [container.close() for container in containers.values()] == [0, 0, 0, 0]
