"""How many tasks one poller keeps fresh: polls per second, their delay and their cost; next to a bare loop.

    python -m tests.bench.polls --tasks 10000 --every 10 --seconds 30

A stub gateway in a separate process answers `in_progress` immediately. The database is a new SQLite file, or the one in
DATABASE_URL. "Bare" is the same client with the same stub, without a database, LIMIT requests at a time. "Documented"
is the loop in the gateway's documentation, `httpx.get` and a sleep, without the sleep. With `--processes`, that many
pollers share the tasks; their work is added up, and the delay is that of the slowest.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import tempfile
import time
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import cast

ANSWER = b'{"task_id": "%s", "status": "in_progress"}'


class Stub(asyncio.Protocol):
    """HTTP/1.1, keep-alive, GET only: as minimal as possible."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from it

    def data_received(self, data: bytes) -> None:
        body = ANSWER % data.split(b" ", 2)[1].rpartition(b"/")[2]
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)


def stub(told: Connection) -> None:
    import uvloop

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0, backlog=1024)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(serve())


def furnish(number: int, every: float) -> None:
    """Creates that many active tasks with one key, due evenly over the first interval."""
    from django.core.management import call_command
    from django.utils import timezone

    from dashboard.accounts.models import User
    from dashboard.keys import actions
    from dashboard.tasks.models import Task
    from dashboard.upstream.secret import Secret

    call_command("migrate", verbosity=0)
    owner = User.objects.create_user("bench")
    key = actions.add(owner, "bench", Secret("sk-bench-000000000000"))
    now = timezone.now()
    Task.objects.bulk_create(
        [
            Task(
                owner=owner,
                key=key,
                upstream_id=f"task_{index}",
                status="in_progress",
                raw_status="in_progress",
                next_poll_at=now + timedelta(seconds=2 + every * index / number),
            )
            for index in range(number)
        ],
        batch_size=1_000,
    )


async def polled(url: str, every: float, seconds: float) -> dict[str, float]:
    from dashboard.polling.loop import PollLoop
    from dashboard.polling.metrics import PollerMetrics
    from dashboard.polling.schedule import PollConfig
    from dashboard.runtime import gc
    from dashboard.upstream.client import Client

    gc.freeze_gc()  # as in `runworker`
    counted, gateway = PollerMetrics(), Client(url)
    loop = PollLoop(gateway, config=PollConfig(every, 10.0**6), poll_metrics=counted)
    running = asyncio.create_task(loop.run())
    await asyncio.sleep(every + 3)  # until each task has been polled once
    counted.late.clear()
    polls, begun, cpu = counted.polls, time.monotonic(), time.process_time()
    await asyncio.sleep(seconds)
    took = time.monotonic() - begun
    found = {
        "polls_per_second": (counted.polls - polls) / took,
        "cpu_share": (time.process_time() - cpu) / took,
        "late_p50": counted.lateness(0.5),
        "late_p99": counted.lateness(0.99),
        "late_max": counted.lateness(1.0),
        "dropped": counted.dropped,
        "failures": counted.failures,
    }
    loop.stop()
    await running
    await gateway.aclose()
    return found


async def bare(url: str, seconds: float) -> float:
    """Returns requests per second."""
    from dashboard.polling.loop import LIMIT
    from dashboard.upstream.client import Client
    from dashboard.upstream.secret import Secret

    gateway, secret, done = Client(url), Secret("sk-bench-000000000000"), 0
    until = time.monotonic() + seconds

    async def ask() -> None:
        nonlocal done
        while time.monotonic() < until:
            await gateway.retrieve("task_1", secret)
            done += 1

    await asyncio.gather(*(ask() for _ in range(LIMIT)))
    await gateway.aclose()
    return done / seconds


def documented(url: str, seconds: float) -> float:
    """Returns requests per second."""
    import httpx

    done, began = 0, time.monotonic()
    while time.monotonic() < began + seconds:
        answer = httpx.get(f"{url}/v1/video/generations/task_1", headers={"Authorization": "Bearer sk-bench"})
        assert answer.json()["status"] == "in_progress"
        done += 1
    return done / (time.monotonic() - began)


def poller(told: Connection, url: str, every: float, seconds: float) -> None:
    """Runs one of several pollers; the settings are in the environment."""
    import django
    import uvloop

    django.setup()
    told.send(uvloop.run(polled(url, every, seconds)))


def polled_together(number: int, url: str, every: float, seconds: float) -> dict[str, float]:
    pipes, context = [multiprocessing.Pipe() for _ in range(number)], multiprocessing.get_context("spawn")
    started = [context.Process(target=poller, args=(theirs, url, every, seconds)) for _, theirs in pipes]
    for process in started:
        process.start()
    found = [ours.recv() for ours, _ in pipes]
    for process in started:
        process.join()
    worst = {"late_p50", "late_p99", "late_max"}
    return {name: (max if name in worst else sum)(one[name] for one in found) for name in found[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--every", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--peers", type=float, default=5.0, help="seconds for each of the peers; 0: without them")
    parser.add_argument("--processes", type=int, default=0, help="0: this one")
    options = parser.parse_args()
    os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="reelboard-bench-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
    ours, theirs = multiprocessing.Pipe()
    gateway = multiprocessing.get_context("spawn").Process(target=stub, args=(theirs,), daemon=True)
    gateway.start()
    url = f"http://127.0.0.1:{ours.recv()}"
    import django
    import uvloop

    django.setup()
    furnish(options.tasks, options.every)
    if options.processes:
        found = polled_together(options.processes, url, options.every, options.seconds)
    else:
        found = uvloop.run(polled(url, options.every, options.seconds))
    if options.peers:
        found["bare_per_second"] = uvloop.run(bare(url, options.peers))
        found["documented_per_second"] = documented(url, options.peers)
    found["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({name: round(value, 3) for name, value in found.items()}))
    gateway.terminate()


if __name__ == "__main__":
    main()
