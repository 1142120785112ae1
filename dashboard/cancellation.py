"""Cancels background tasks."""

import asyncio

RETRY_CANCEL = 0.5  # seconds


async def cancel_and_wait(*tasks: "asyncio.Task[None]") -> None:
    """Cancels the tasks and waits until all of them have ended. Ignores their exceptions.

    Cancels repeatedly, because redis-py swallows a cancellation while it connects.
    """
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=RETRY_CANCEL)
    await asyncio.gather(*tasks, return_exceptions=True)
