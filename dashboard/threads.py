"""A thread of one's own with a database connection of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import Error, connection, connections

Given = ParamSpec("Given")
Made = TypeVar("Made")


class DatabaseThread:
    """Runs calls one after the other. Its connection stays open while all is well: opening one per call would cost
    more than most calls do."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, call: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs) -> Made:
        """A call that has begun goes on when the caller is cancelled."""

        def guarded() -> Made:
            try:
                return call(*args, **kwargs)
            except Error:
                connection.close()
                raise

        return await asyncio.get_running_loop().run_in_executor(self._executor, guarded)

    async def close(self) -> None:
        """Waits for the call under way."""
        await asyncio.get_running_loop().run_in_executor(self._executor, lambda: connection.close())
        self._executor.shutdown(wait=False)


class ReaderThreads:
    """A few threads that read; each closes its connection after use, as PostgreSQL's pool wants it back."""

    def __init__(self, name: str, number: int) -> None:
        self._pool = ThreadPoolExecutor(number, thread_name_prefix=name)

    async def run(self, function: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs) -> Made:
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: _closing(function, *args, **kwargs))

    def stop(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _closing(function: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs) -> Made:
    try:
        return function(*args, **kwargs)
    finally:
        connections.close_all()
