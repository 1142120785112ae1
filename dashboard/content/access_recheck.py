"""Rechecks access while a video is streamed, which may take much longer than the check at the start of the request.

Checks at regular intervals rather than when bytes are sent: a viewer who reads none would never be checked.
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

RECHECK_EVERY = 10.0  # seconds; a stream must end within 15 seconds of a sign-out or loss of access

logger = logging.getLogger(__name__)


class AccessRecheck:
    """Rechecks one viewer. `find` looks up the video as the view does; it raises Http404 if access is lost."""

    def __init__(self, session_key: str | None, find: Callable[[User], object]) -> None:
        self._session_key = session_key or ""
        self._find = find

    @asynccontextmanager
    async def watched(self, on_revoked: Callable[[], None]) -> AsyncIterator[None]:
        """Checks every few seconds while the block runs, and calls `on_revoked` once access is lost."""
        watch = asyncio.create_task(self._watch(on_revoked))
        try:
            yield
        finally:
            await cancel_and_wait(watch)

    async def _watch(self, on_revoked: Callable[[], None]) -> None:
        holds = True
        while holds:
            await asyncio.sleep(RECHECK_EVERY)
            holds = await self._may_hold()
        on_revoked()

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
