"""A video outlives the request that it came with: whether its viewer may still see it is asked again while it flows.

By the clock, and not when the next bytes are sent: a viewer who takes none would never be asked about.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from asgiref.sync import sync_to_async
from django.db import DatabaseError
from django.http import Http404

from dashboard.accounts import sessions
from dashboard.accounts.models import User
from dashboard.cancellation import cancel_and_wait
from dashboard.database import release_connection

RECHECK_EVERY = 10.0  # seconds; who signs out, or loses the right, has 15

logger = logging.getLogger(__name__)


class AccessRecheck:
    """`find` is the way by which the viewer came to the video; it raises Http404 where there is none."""

    def __init__(self, session_key: str | None, find: Callable[[User], object]) -> None:
        self._session_key = session_key or ""
        self._find = find

    @asynccontextmanager
    async def watched(self, withdrawn: Callable[[], None]) -> AsyncIterator[None]:
        """Asks every few seconds for as long as the block runs, and calls `withdrawn` once the right is gone."""
        watch = asyncio.create_task(self._watch(withdrawn))
        try:
            yield
        finally:
            await cancel_and_wait(watch)

    async def _watch(self, withdrawn: Callable[[], None]) -> None:
        holds = True
        while holds:
            await asyncio.sleep(RECHECK_EVERY)
            holds = await self._may_hold()
        withdrawn()

    async def _may_hold(self) -> bool:
        try:
            return await sync_to_async(self._holds)()
        except DatabaseError:
            logger.warning("the right to a video could not be checked: the database does not answer")
            return True
        except Exception:
            logger.exception("the right to a video could not be checked")
            return False

    def _holds(self) -> bool:
        try:
            user = sessions.user_of(self._session_key)
            if user is not None:
                self._find(user)
        except Http404:
            return False
        finally:
            release_connection()
        return user is not None
