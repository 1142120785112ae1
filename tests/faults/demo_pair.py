"""A real server and its own gateway, for the long tests; its member alice watches tasks that never end."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashboard.demo import video_files
from tests.support.gateway import ALICE_KEY, Gateway, gateway_with
from tests.support.processes import ServerProcess, new_process


@contextmanager
def server_and_gateway(**env: str) -> Iterator[tuple[ServerProcess, Gateway]]:
    """Yields both. The server is not started; `env` has its settings."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reelboard-stage-")))
        video_files.make_bytes(folder, "random", 1_000_003)
        gateway = stack.enter_context(gateway_with(folder))
        hosts = ",".join(f"{host}:{port}" for host, port in gateway.hostports)
        places = {"AMUX_BASE_URL": gateway.url, "ALLOWED_PRIVATE_HOSTS": hosts}
        process = new_process(folder, POLLER="embedded", **places, **env)
        stack.callback(process.close)
        yield process, gateway


def watch(process: ServerProcess, gateway: Gateway, number: int) -> str:
    """Tracks that many tasks, due now and never overdue; returns the ID of their key."""
    key_id = str(process.act("key", owner="alice", secret=ALICE_KEY))
    now = datetime.now(UTC)
    times = {"next_poll_at": now.isoformat(), "deadline_at": (now + timedelta(days=30)).isoformat()}
    for _ in range(number):
        process.act("task", owner="alice", key_id=key_id, upstream_id=gateway.add_task("amux+stuck"), **times)
    return key_id
