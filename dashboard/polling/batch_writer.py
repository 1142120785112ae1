"""Collects items into batches: writes at once when idle, else everything that arrived during the last write."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from django.db import Error as DatabaseError

Item = TypeVar("Item")

MAX_BATCH = 200
GAP = 0.03  # seconds between the starts of batches, unless one is full
PATIENCE = 25.0  # seconds a batch is retried: then its leases expire and its tasks are polled again anyway
RETRY = 0.5

logger = logging.getLogger(__name__)


class BatchWriter(Generic[Item]):
    """Calls `write` with each batch, in order, then `done` with its items, written or given up."""

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
        """Writes batches until canceled. Call `drain` afterwards."""
        while True:
            await self._some.wait()
            begun = time.monotonic()
            await self._one_batch()
            await self._pause(begun + GAP - time.monotonic())

    async def drain(self) -> None:
        """Writes all remaining items. Call it only after `run` was canceled."""
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
