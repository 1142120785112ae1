"""Write transactions. On SQLite, there is one writer at a time; elsewhere, as many as there are connections."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from django.db import connection, connections, transaction

POOL_STOP = 0.5  # seconds to wait for each thread of a pool, which may be connecting to a dead database
# SQLite's busy handler is unfair. With it alone, a writer waited up to 4 s in a measurement; with this lock, 0.1 s.
_writer_lock = threading.RLock()


class _ThreadState(threading.local):
    """The functions to call before this thread's transaction commits."""

    depth = 0

    def __init__(self) -> None:
        self.pending = list[Callable[[], None]]()


_state = _ThreadState()


@contextmanager
def write_transaction() -> Iterator[None]:
    """Opens a transaction that writes. Can be nested. The lock is released after the commit."""
    lock = _writer_lock if connection.vendor == "sqlite" else nullcontext()
    with lock, transaction.atomic(), _run_before_commit():
        yield


def before_commit(act: Callable[[], None]) -> None:
    """Calls `act` inside this thread's transaction, right before the outermost `write_transaction` commits.

    Doesn't call it if the `write_transaction` in which it was registered fails.
    """
    with write_transaction():
        _state.pending.append(act)


def release_connection() -> None:
    """Releases this thread's connection before a long wait, because other threads may need it."""
    if not connection.in_atomic_block:
        connection.close()


def close_pools() -> None:
    """Closes the connection pools when the process exits.

    Since Python 3.13, a pool that is still open at exit waits 5 s for each of its threads.
    """
    for wrapper in connections.all():
        pool = getattr(wrapper, "pool", None)  # only PostgreSQL has one
        if pool is not None:
            wrapper.close()
            pool.close(timeout=POOL_STOP)


@contextmanager
def _run_before_commit() -> Iterator[None]:
    before = len(_state.pending)
    _state.depth += 1
    try:
        yield
        while _state.depth == 1 and _state.pending:
            _state.pending.pop(0)()
    except BaseException:
        del _state.pending[before:]
        raise
    finally:
        _state.depth -= 1
