"""Runs a demo gateway alongside other code, in a thread with its own event loop."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.demo import http_servers
from dashboard.demo.http_servers import Addresses
from dashboard.demo.state import State


class Runner:
    """The thread of one gateway."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="demo-gateway", daemon=True)
        self.addresses: Addresses | None = None

    def start(self) -> Addresses:
        """Starts serving. Raises RuntimeError if the gateway doesn't start within 10 s."""
        self._thread.start()
        if not self._ready.wait(10) or self.addresses is None:
            raise RuntimeError("the demo gateway did not start")
        return self.addresses

    def stop(self) -> None:
        """Stops serving, and waits for the thread."""
        if self._loop.is_running():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        async with http_servers.running(self._state) as self.addresses:
            self._ready.set()
            await self._stop.wait()


@contextmanager
def in_thread(state: State) -> Iterator[Addresses]:
    """Serves `state` on free ports of 127.0.0.1 while the block runs."""
    runner = Runner(state)
    addresses = runner.start()
    try:
        yield addresses
    finally:
        runner.stop()
