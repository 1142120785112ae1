"""Gathers what is ready into batches: at once when idle, else as much as came while the last batch was written."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from django.db import Error as DatabaseError

Item = TypeVar("Item")

MAX_BATCH = 200
GAP = 0.03  # seconds from one batch to the next
PATIENCE = 25.0  # seconds a batch is tried for: then its leases have run out, and it is asked for again anyway
RETRY = 0.5

logger = logging.getLogger(__name__)


class BatchWriter(Generic[Item]):
    """`write` gets each batch, in order; `done` is told of its items, written or given up."""

    def __init__(
        self,
        write: Callable[[list[Item]], Awaitable[None]],
        done: Callable[[list[Item]], None],
        patience: float = PATIENCE,
    ) -> None:
        self._write = write
        self._done = done
        self._patience = patience
        self._ready: list[Item] = []
        self._some = asyncio.Event()
        self._full = asyncio.Event()

    def put(self, item: Item) -> None:
        self._ready.append(item)
        self._some.set()
        if len(self._ready) >= MAX_BATCH:
            self._full.set()

    async def run(self) -> None:
        """Never returns; cancel it after `drain`."""
        while True:
            await self._some.wait()
            begun = time.monotonic()
            await self._one_batch()
            await self._pause(begun + GAP - time.monotonic())

    async def drain(self) -> None:
        """Writes what is ready. Only once `run` has been cancelled."""
        while self._ready:
            await self._one_batch()

    async def _one_batch(self) -> None:
        batch, self._ready = self._ready[:MAX_BATCH], self._ready[MAX_BATCH:]
        if not self._ready:
            self._some.clear()
        self._full.clear()
        try:
            await self._write_with_retry(batch)
        finally:
            self._done(batch)

    async def _write_with_retry(self, batch: list[Item]) -> None:
        begun = time.monotonic()
        while True:
            try:
                return await self._write(batch)
            except DatabaseError as error:
                if time.monotonic() - begun > self._patience:
                    logger.error("gave up writing %d polls, they will be repeated: %s", len(batch), error)
                    return None
                logger.warning("database out of order, trying again: %s", error)
            await asyncio.sleep(RETRY)

    async def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._full.wait()
        except TimeoutError:
            pass
