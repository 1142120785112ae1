"""`manage.py gateway`."""

import signal
import subprocess
import sys
from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from dashboard.demo.catalog import VIDEOS
from dashboard.management.commands import gateway
from tests.demo.client import ask

ROOT = Path(__file__).parents[2]


def test_it_says_where_it_listens_and_stops_when_told(tmp_path: Path) -> None:
    for name in VIDEOS:
        (tmp_path / f"{name}.mp4").write_bytes(b"made before")
    command = [sys.executable, "manage.py", "gateway", "--port", "0", "--files-port", "0", "--videos", str(tmp_path)]
    process = subprocess.Popen([*command, "--key", "sk-a=b=alice"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout is not None
            ready, url, files, files_url = process.stdout.readline().split()[1:]
            assert (ready, files, url != files_url) == ("ready", "files", True)
            assert ask(f"{url}/v1/videos/unknown", key="sk-a=b").status == 404
            assert ask(f"{url}/_demo/faults", "POST", body={"name": "html-200"}).status == 404
            for option in ("fault=html-200", "lie=etag", "body=svg"):
                order = {"model": f"amux+{option}", "prompt": "A cat"}
                assert ask(f"{url}/v1/videos", "POST", key="sk-a=b", body=order).status == 400
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode == 0


@pytest.mark.parametrize("text", ["sk-alone", "=alice", "sk-a="])
def test_it_wants_an_owner_with_every_key(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="SECRET=OWNER"):
        gateway.key_and_owner(text)
