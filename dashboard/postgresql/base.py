"""Django's PostgreSQL backend, for which a busy database is not one that is down.

A pool of psycopg gives up after one time-out whatever the reason. It has to be short, so that pages say soon that the
database is down; but many readers at once may have to wait longer than that for a connection of a database that is
well. So whoever wants a connection first waits for a place in a queue that has as many places as the pool has
connections: what waits for the pool itself waits for the database.
"""

from threading import BoundedSemaphore
from typing import Any, ClassVar, Final

from django.db.backends.postgresql import base
from psycopg_pool import TooManyRequests

MAX_WAIT: Final = 30.0  # seconds for a connection while others use all of them


class DatabaseWrapper(base.DatabaseWrapper):
    _places: ClassVar[dict[str, BoundedSemaphore]] = {}
    _has_place = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection. Raises TooManyRequests after MAX_WAIT while others use all, and what the pool raises."""
        self._take_place()
        try:
            return super().get_new_connection(conn_params)
        except BaseException:
            self._give_place_back()
            raise

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # not in the stubs
        finally:
            self._give_place_back()

    def _take_place(self) -> None:
        if self._has_place or self.pool is None:
            return
        places = self._places.setdefault(self.alias, BoundedSemaphore(self.pool.max_size))
        if not places.acquire(timeout=MAX_WAIT):
            raise TooManyRequests(f"all {self.pool.max_size} connections were in use for {MAX_WAIT:.0f} s")
        self._has_place = True

    def _give_place_back(self) -> None:
        if self._has_place:
            self._has_place = False
            self._places[self.alias].release()
