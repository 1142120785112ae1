"""nginx as its own user: it sends copies of videos, and can't open any other files of the servers."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.proxies import Nginx
from tests.support.processes import ServerProcess, new_process

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can give nginx another user"),
]
USER = "www-data"
VIDEO = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 400


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users may traverse, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="reelboard-nginx-", dir="/tmp"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def nginx(folder: Path) -> Iterator[Nginx]:
    made = Nginx(folder, folder / "data")
    made.user = USER
    yield made
    made.close()


@pytest.fixture
def process(folder: Path, nginx: Nginx) -> Iterator[ServerProcess]:
    made = new_process(folder, CSRF_TRUSTED_ORIGINS=nginx.url, ALLOWED_HOSTS="localhost,127.0.0.1", X_ACCEL="on")
    yield made
    made.close()


def kept_video(process: ServerProcess) -> str:
    """The path of a video of alice's with a saved copy."""
    facts = {"size_bytes": len(VIDEO), "content_type": "video/mp4", "content_etag": '"kept-video"'}
    kept = {"copy_state": "kept", "kept_at": "2026-01-02T03:04:05Z"}
    task = process.act("task", owner="alice", upstream_id="t-1", status="completed", **facts, **kept)
    file = process.data_dir / "videos" / task[:2] / task
    file.parent.mkdir(parents=True)
    file.write_bytes(VIDEO)
    return f"/tasks/{task}/content"


def answer_of(process: ServerProcess, nginx: Nginx) -> tuple[int, bytes]:
    path = kept_video(process)
    process.start()
    nginx.start(process.port)
    with nginx.browser() as browser:
        answer = browser.get(path, headers={"Cookie": process.session("alice")})
    return answer.status_code, answer.content


def opened_by_nginx(path: Path) -> bool:
    command = ["head", "-c1", str(path)]
    return not subprocess.run(command, user=USER, group=USER, extra_groups=[], capture_output=True).returncode


def test_it_sends_copies_and_can_not_open_the_database(process: ServerProcess, nginx: Nginx) -> None:
    process.env["X_ACCEL_GROUP"] = USER
    assert answer_of(process, nginx) == (200, VIDEO)
    files = ["reelboard.sqlite3", "reelboard.sqlite3-wal", "secret_key", "keyring"]
    assert [name for name in files if opened_by_nginx(process.data_dir / name)] == []
    assert not subprocess.run(["ls", process.data_dir], user=USER, group=USER, capture_output=True).stdout


def test_it_can_not_open_copies_without_its_group(process: ServerProcess, nginx: Nginx) -> None:
    status, body = answer_of(process, nginx)
    assert (status, VIDEO in body) == (403, False)
