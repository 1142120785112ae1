"""Django's PostgreSQL backend, changed so that a busy connection pool isn't mistaken for a database that is down.

A psycopg pool has a single timeout, whatever the reason for the wait. It has to be short, so that pages quickly report
that the database is down. But with many readers, it can take longer to get a connection even if the database is fine.
So each thread first waits for a semaphore with as many places as the pool has connections. After that, it only waits
for the pool if the pool is waiting for the database.
"""

from threading import BoundedSemaphore
from typing import Any, ClassVar, Final

from django.db.backends.postgresql import base
from psycopg_pool import TooManyRequests

MAX_WAIT: Final = 30.0  # seconds to wait for a connection while all are in use


class DatabaseWrapper(base.DatabaseWrapper):
    _places: ClassVar[dict[str, BoundedSemaphore]] = {}
    _has_place = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Returns a connection. Raises TooManyRequests if all are in use for MAX_WAIT, or any exception of the pool."""
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
