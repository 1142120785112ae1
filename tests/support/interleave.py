"""Runs something else during a request, between its reads and its writes."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# PostgreSQL's drivers begin a transaction without a separate statement.
WRITES = re.compile(r"\s*(SAVEPOINT|BEGIN|INSERT|UPDATE|DELETE)|.* FOR (NO KEY )?UPDATE", re.DOTALL)


@contextmanager
def before_write(act: Callable[[], object], at: re.Pattern[str] = WRITES, passes: int = 0) -> Iterator[None]:
    """Runs `act` once: before the first statement in the block that writes, or that begins a transaction which writes.

    `passes`: how many statements that match `at` to skip first.
    """
    left = [passes]

    def wrapper(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if left and at.match(sql):
            left[0] -= 1
            if left[0] < 0:
                left.clear()
                act()
        return execute(sql, *args)

    with connection.execute_wrapper(wrapper):
        yield
    assert not left, "no such statement came"
