"""Something else happens in a request, between what it has read and what it is going to write."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# PostgreSQL's drivers begin a transaction without a statement of its own.
WRITES = re.compile(r"\s*(SAVEPOINT|BEGIN|INSERT|UPDATE|DELETE)|.* FOR (NO KEY )?UPDATE", re.DOTALL)


@contextmanager
def before_writing(act: Callable[[], object], at: re.Pattern[str] = WRITES, passes: int = 0) -> Iterator[None]:
    """Runs `act` once: before the first statement in the block that writes, or begins a transaction that does.

    `passes`: so many statements that match `at` are let by.
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
