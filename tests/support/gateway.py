"""The `gateway` fixture: a demo gateway on free ports, in a thread, with helpers to control and inspect it.

    def test_it_plays(gateway):
        task_id = gateway.add_task("amux+norange", status="completed")
        gateway.fault("http-503", task=task_id, times=2)
        assert gateway.log(task=task_id) == []

The keys ALICE_KEY and BOB_KEY belong to the owners `alice` and `bob`. The videos are `short` (4 s, real H.264),
`random` (1,000,003 bytes), `small` (10,000 bytes) and `empty`; use `videos_with_long` to have the 40 MB one, too.
"""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from urllib.parse import quote, urlsplit

import pytest

from dashboard.demo import runner, video_files
from dashboard.demo.clock import Clock
from dashboard.demo.dialects import Json
from dashboard.demo.signed_url import Signer
from dashboard.demo.state import State
from tests.gateway.active_faults import make_dishonest

ALICE_KEY = "sk-test-alice-000000001111"
BOB_KEY = "sk-test-bob-00000000002222"


class Gateway:
    """A running gateway, as a test sees it. The helpers raise AssertionError if the gateway refuses a control call."""

    def __init__(self, url: str, files_url: str, videos_dir: Path) -> None:
        self.url = url
        self.files_url = files_url
        self.videos_dir = videos_dir

    @property
    def hostports(self) -> frozenset[tuple[str, int]]:
        """Both ports, in the format of the ALLOWED_PRIVATE_HOSTS setting."""
        parts = (urlsplit(self.url), urlsplit(self.files_url))
        return frozenset((part.hostname or "", part.port or 0) for part in parts)

    def add_task(self, model: str = "amux", *, owner: str = "alice", **fields: object) -> str:
        """Adds a task and returns its ID; see `dashboard.demo.control` for the fields."""
        return str(self.control("POST", "tasks", {"model": model, "owner": owner, **fields})["id"])

    def change_task(self, task_id: str, **fields: object) -> None:
        """Changes a task from now on: status, outcome, options, owner, error, video."""
        self.control("POST", f"tasks/{quote(task_id, safe='')}", fields)

    def forget_task(self, task_id: str) -> None:
        """Makes the task unknown from now on."""
        self.control("DELETE", f"tasks/{quote(task_id, safe='')}")

    def fault(self, name: str, call: str = "status", **fields: object) -> int:
        """Sets a fault and returns its number (fields: task, owner, times, settings)."""
        return cast(int, self.control("POST", "faults", {"name": name, "call": call, **fields})["number"])

    def lift(self, number: int | None = None) -> None:
        """Removes one fault, or all of them."""
        self.control("DELETE", "faults" if number is None else f"faults/{number}")

    def add_key(self, secret: str, owner: str = "alice") -> None:
        """Accepts a key."""
        self.control("POST", "keys", {"secret": secret, "owner": owner})

    def remove_key(self, secret: str) -> None:
        """Refuses a key from now on."""
        self.control("DELETE", "keys", {"secret": secret})

    def advance(self, seconds: float) -> None:
        """Advances the gateway's clock immediately."""
        self.control("POST", "clock", {"advance": seconds})

    def log(self, *, task: str | None = None, call: str | None = None, since: int = 0) -> list[Json]:
        """Returns the requests so far, oldest first, without control calls."""
        chosen = f"&task={quote(task, safe='')}" if task is not None else ""
        entries = cast(list[Json], self.control("GET", f"log?since={since}{chosen}")["entries"])
        return [entry for entry in entries if call in (None, entry["call"])]

    def totals(self) -> dict[str, int]:
        """Returns the number of requests for each `<call> <status>`."""
        return cast(dict[str, int], self.control("GET", "log?since=999999999")["totals"])

    def tasks(self) -> list[Json]:
        """Returns the actual state of every task: id, owner, status, steps."""
        return cast(list[Json], self.control("GET", "tasks")["tasks"])

    def connections(self) -> list[Json]:
        """Returns the video responses that are being sent right now."""
        return cast(list[Json], self.control("GET", "connections")["open"])

    def control(self, method: str, path: str, body: Json | None = None) -> Json:
        """Calls a control endpoint."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            connection.request(method, f"/_demo/{path}", json.dumps(body) if body is not None else None)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        assert response.status == 200, text
        return cast(Json, json.loads(text))


@contextmanager
def gateway_with(videos_dir: Path, *, pace: float = 0.01, url_life: float = 120.0) -> Iterator[Gateway]:
    """Runs a gateway with both keys; `pace` scales the duration of tasks that are created by customers."""
    keys = {ALICE_KEY: "alice", BOB_KEY: "bob"}
    state = State(videos_dir, Signer(url_life), keys=keys, pace=pace, clock=Clock())
    make_dishonest(state)
    with runner.in_thread(state) as addresses:
        yield Gateway(addresses.url, addresses.files_url, videos_dir)


@pytest.fixture(scope="session")
def demo_videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the videos of the module's docstring, created once per test process."""
    directory = tmp_path_factory.mktemp("videos")
    video_files.make_one(directory, "short")
    for name, size in (("random", 1_000_003), ("small", 10_000), ("empty", 0)):
        video_files.make_bytes(directory, name, size)
    return directory


@pytest.fixture(scope="session")
def videos_with_long(demo_videos: Path) -> Path:
    """The same directory, with the video `long`: one minute, more than 40 MB, with its index at the end. Takes 5 s to
    create."""
    video_files.make_one(demo_videos, "long")
    return demo_videos


@pytest.fixture
def gateway(demo_videos: Path) -> Iterator[Gateway]:
    """A gateway of the test's own."""
    with gateway_with(demo_videos) as running_gateway:
        yield running_gateway
