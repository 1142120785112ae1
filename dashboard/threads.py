"""Threads for calls that block, apart from the ones that Django shares among requests."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import Error, connections

Given = ParamSpec("Given")
Made = TypeVar("Made")


class ThreadPool:
    """Runs each call in the next free one of a few threads. With one thread that is one call after the other.

    A thread keeps its database connection until an error, as opening one for each call would cost more than most calls
    do. With `releases_connections` it closes it after each call: PostgreSQL's pool of connections wants it back.
    """

    def __init__(self, name: str, threads: int = 1, *, releases_connections: bool = False) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._releases_connections = releases_connections

    async def run(self, call: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs) -> Made:
        """A call that has begun goes on when the caller is cancelled."""
        return await self.start(call, *args, **kwargs)

    def start(self, call: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs) -> "asyncio.Future[Made]":
        """Begins before anybody awaits it."""
        return asyncio.wrap_future(self.submit(call, *args, **kwargs))

    def submit(self, call: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs) -> "Future[Made]":
        """For calls that nobody waits for; needs no event loop."""
        return self._executor.submit(partial(self._call, partial(call, *args, **kwargs)))

    def stop(self, *, finish_queued: bool = False) -> None:
        """Waits for nothing: what has begun goes on, what is queued is dropped, or done first."""
        self._executor.shutdown(wait=False, cancel_futures=not finish_queued)

    async def close(self) -> None:
        """Waits for the call under way, and closes the connection of a single thread."""
        await self.run(connections.close_all)
        self._executor.shutdown(wait=False)

    def _call(self, call: Callable[[], Made]) -> Made:
        try:
            return call()
        except Error:
            connections.close_all()  # it may be broken
            raise
        finally:
            if self._releases_connections:
                connections.close_all()
