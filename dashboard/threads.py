"""Thread pools for blocking calls, separate from the threads that Django uses for requests."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import Error, connections

Given = ParamSpec("Given")
Made = TypeVar("Made")


class ThreadPool:
    """Runs calls in a few threads. With one thread, calls run one after another.

    A thread keeps its database connection until an error, because opening one costs more than most calls. With
    `releases_connections`, it closes the connection after each call, which returns it to PostgreSQL's connection pool.
    """

    def __init__(self, name: str, threads: int = 1, *, releases_connections: bool = False) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._releases_connections = releases_connections

    async def run(self, call: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs) -> Made:
        """Runs the call and returns its result. If the caller is canceled, a call that has started continues."""
        return await self.start(call, *args, **kwargs)

    def start(self, call: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs) -> "asyncio.Future[Made]":
        """Submits the call immediately, and returns an awaitable future."""
        return asyncio.wrap_future(self.submit(call, *args, **kwargs))

    def submit(self, call: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs) -> "Future[Made]":
        """Submits a call that nobody awaits. Doesn't need an event loop."""
        return self._executor.submit(partial(self._call, partial(call, *args, **kwargs)))

    def stop(self, *, finish_queued: bool = False) -> None:
        """Stops without waiting. Running calls continue. Queued calls are dropped, unless `finish_queued` is set."""
        self._executor.shutdown(wait=False, cancel_futures=not finish_queued)

    async def close(self) -> None:
        """Waits for the running call and closes its database connection. Only for pools with a single thread."""
        await self.run(connections.close_all)
        self._executor.shutdown(wait=False)

    def _call(self, call: Callable[[], Made]) -> Made:
        try:
            return call()
        except Error:
            connections.close_all()  # the connection may be broken
            raise
        finally:
            if self._releases_connections:
                connections.close_all()
