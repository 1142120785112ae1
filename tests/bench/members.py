"""The same load with one channel-layer member per stream: `python -m tests.bench.members`, with the options of
`frames`.

A consumer as in the documentation of Channels: it joins a group, and a handler forwards what the group receives. The
message contains the finished frame, so that only the layer is measured. The layer's capacity is raised, because with
the default most frames would be dropped.
"""

import argparse
import asyncio
import json
import threading
import time
from typing import Any

import uvicorn
import uvloop
from channels.generic.http import AsyncHttpConsumer
from channels.layers import get_channel_layer
from django.conf import settings

from tests.bench.crowd import Crowd, Found, options, row, rss_kb

CAPACITY = 100_000
LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": CAPACITY}}}


class Member(AsyncHttpConsumer):
    async def http_request(self, message: Any) -> None:
        await self.channel_layer.group_add("board", self.channel_name)
        await self.send_headers(headers=[(b"content-type", b"text/event-stream")])
        await self.send_body(b"event: tick\ndata:\n\n", more_body=True)

    async def task_changed(self, message: dict[str, bytes]) -> None:
        await self.send_body(message["frame"], more_body=True)


class Bench:
    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self.found: Found = {}
        config = uvicorn.Config(
            Member.as_asgi(), port=0, lifespan="off", log_level="error", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)

    async def run(self) -> None:
        self._loop = asyncio.get_running_loop()
        serving = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        threading.Thread(target=self._measure, args=(port,)).start()
        await serving

    def _measure(self, port: int) -> None:
        try:
            before = rss_kb()
            with Crowd(port, [""] * self._given.streams) as crowd:
                self.found["kb_per_stream"] = round((rss_kb() - before) / self._given.streams, 1)
                self.found |= crowd.at_a_rate(self._given, self._one)
                self.found |= crowd.at_once(self._given, self._all)
        finally:
            self._server.should_exit = True

    def _one(self, _: int = 0) -> None:
        lines = row(self._given.row).decode().rstrip("\n").replace("\n", "\ndata: ")
        message = {"type": "task.changed", "frame": f"event: task\ndata: {lines}\n\n".encode()}
        layer = get_channel_layer()
        assert layer is not None
        asyncio.run_coroutine_threadsafe(layer.group_send("board", message), self._loop).result()

    def _all(self) -> float:
        began = time.monotonic()
        for _ in range(self._given.tasks):
            self._one()
        return began


def main() -> None:
    settings.configure(CHANNEL_LAYERS=LAYERS)
    bench = Bench(options(__doc__))
    uvloop.run(bench.run())
    print(json.dumps(bench.found))


if __name__ == "__main__":
    main()
