"""Background tasks that run for as long as the process does: one that fails is logged and started again."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

FIRST_WAIT = 1.0  # seconds until a failed task is started again; twice as many after each further failure
LONGEST_WAIT = 30.0
STEADY = 10.0  # seconds after which a task counts as well again

logger = logging.getLogger(__name__)

_down: list[str] = []


def down() -> list[str]:
    """The names of this process's tasks that have failed and wait for their next start."""
    return sorted(_down)


async def supervise(name: str, run: Callable[[], Awaitable[None]], stopped: asyncio.Event | None = None) -> None:
    """Runs `run`, which is not expected to return, again and again. Returns once `stopped` is set; or cancel it."""
    stopped = stopped or asyncio.Event()
    wait = FIRST_WAIT
    while not stopped.is_set():
        began = time.monotonic()
        await _run_once(name, run, stopped)
        if time.monotonic() - began >= STEADY:
            wait = FIRST_WAIT
        if not stopped.is_set():
            await _rest(name, wait, stopped)
        wait = min(2 * wait, LONGEST_WAIT)


async def _run_once(name: str, run: Callable[[], Awaitable[None]], stopped: asyncio.Event) -> None:
    try:
        await run()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        logger.error("background task %r was cancelled from within", name)
    except Exception:
        logger.exception("background task %r failed", name)
    else:
        if not stopped.is_set():
            logger.error("background task %r ended", name)


async def _rest(name: str, wait: float, stopped: asyncio.Event) -> None:
    logger.warning("background task %r starts again in %.0f s", name, wait)
    _down.append(name)
    try:
        async with asyncio.timeout(wait):
            await stopped.wait()
    except TimeoutError:
        pass
    finally:
        _down.remove(name)
