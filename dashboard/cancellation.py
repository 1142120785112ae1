"""Ending work that runs beside."""

import asyncio

RETRY_CANCEL = 0.5  # seconds


async def cancel_and_wait(*tasks: "asyncio.Task[None]") -> None:
    """Cancels the tasks until all of them are over; what they raise is theirs.

    Until, because redis-py swallows a cancellation that meets it while it connects.
    """
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=RETRY_CANCEL)
    await asyncio.gather(*tasks, return_exceptions=True)
