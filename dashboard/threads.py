"""A thread of one's own with a database connection of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import Error, connection

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
