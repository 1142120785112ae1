"""A film outlives the request that it came with: whether its viewer may still see it is asked again while it flows."""

import logging
import time
from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.db import DatabaseError
from django.http import Http404

from dashboard.accounts import sessions
from dashboard.accounts.models import User
from dashboard.database import give_back

RECHECK_EVERY = 15.0  # seconds, as for the live stream

logger = logging.getLogger(__name__)


class Withdrawn(Exception):
    """The viewer has signed out, or may not see the film any more."""


class Right:
    """`find` is the way by which the viewer came to the film; it raises Http404 where there is none."""

    def __init__(self, session_key: str | None, find: Callable[[User], object]) -> None:
        self._session_key = session_key or ""
        self._find = find
        self._asked_at = time.monotonic()

    async def confirm(self) -> None:
        """Asks, unless it did so a moment ago. Raises Withdrawn."""
        if time.monotonic() - self._asked_at < RECHECK_EVERY:
            return
        self._asked_at = time.monotonic()
        try:
            holds = await sync_to_async(self._holds)()
        except DatabaseError:
            logger.warning("the right to a film could not be checked: the database does not answer")
            return
        if not holds:
            raise Withdrawn

    def _holds(self) -> bool:
        try:
            user = sessions.user_of(self._session_key)
            if user is not None:
                self._find(user)
        except Http404:
            return False
        finally:
            give_back()
        return user is not None
