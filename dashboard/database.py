"""Write transactions: one writer at a time on SQLite, as many as there are connections elsewhere."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from django.db import connection, connections, transaction

POOL_STOP = 0.5  # seconds for each thread of a pool; one that is just connecting to a dead database gets no more
# SQLite's busy handler is unfair: with it alone a writer was seen to wait 4 s; behind one lock, 0.1 s.
_writer = threading.RLock()


class _Transaction(threading.local):
    """What this thread's transaction has to do last."""

    depth = 0

    def __init__(self) -> None:
        self.last = list[Callable[[], None]]()


_ours = _Transaction()


@contextmanager
def writing() -> Iterator[None]:
    """A transaction that is going to write. Re-entrant; the lock is let go after the commit."""
    lock = _writer if connection.vendor == "sqlite" else nullcontext()
    with lock, transaction.atomic(), _with_last_acts():
        yield


def at_the_end(act: Callable[[], None]) -> None:
    """Runs `act` inside this thread's transaction, after everything else: just before the outermost `writing` commits.

    Not at all if the `writing` that it was called in fails.
    """
    with writing():
        _ours.last.append(act)


def give_back() -> None:
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
def _with_last_acts() -> Iterator[None]:
    before = len(_ours.last)
    _ours.depth += 1
    try:
        yield
        while _ours.depth == 1 and _ours.last:
            _ours.last.pop(0)()
    except BaseException:
        del _ours.last[before:]
        raise
    finally:
        _ours.depth -= 1
