"""Write transactions: one writer at a time on SQLite, as many as there are connections elsewhere."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from django.db import connection, connections, transaction

POOL_STOP = 0.5  # seconds for each thread of a pool; one that is just connecting to a dead database gets no more
# SQLite's busy handler is unfair: with it alone a writer was seen to wait 4 s; behind one lock, 0.1 s.
_writer_lock = threading.RLock()


class _ThreadState(threading.local):
    """What this thread's transaction has to do last."""

    depth = 0

    def __init__(self) -> None:
        self.pending = list[Callable[[], None]]()


_state = _ThreadState()


@contextmanager
def write_transaction() -> Iterator[None]:
    """A transaction that is going to write. Re-entrant; the lock is let go after the commit."""
    lock = _writer_lock if connection.vendor == "sqlite" else nullcontext()
    with lock, transaction.atomic(), _run_before_commit():
        yield


def before_commit(act: Callable[[], None]) -> None:
    """Runs `act` inside this thread's transaction, after everything else: just before the outermost `writing` commits.

    Not at all if the `writing` that it was called in fails.
    """
    with write_transaction():
        _state.pending.append(act)


def release_connection() -> None:
    """Returns this thread's connection before a long wait for something else: others may be short of one."""
    if not connection.in_atomic_block:
        connection.close()


def close_pools() -> None:
    """At the end of a process. Since Python 3.13 a pool that is still open then waits 5 s for each of its threads."""
    for wrapper in connections.all():
        pool = getattr(wrapper, "pool", None)  # PostgreSQL's alone has one
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
