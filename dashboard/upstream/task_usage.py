"""Reads what a task has cost, in the gateway's own units. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

from dashboard.upstream import answer_tables, json_objects, values
from dashboard.upstream.answer_tables import normalized
from dashboard.upstream.task_objects import TaskObject

MOST: Final = 10
_PLACES: Final = {normalized(row.name): row.name for row in answer_tables.USAGE_NAMES}


def usage_of(task: TaskObject) -> dict[str, int | float]:
    """Returns amounts by the gateway's names for them, at most ten. Leaves out zeros and values that aren't numbers."""
    found: dict[str, int | float] = {}
    for named in (task.named, *map(json_objects.by_name, task.around)):
        for name, value in named.items():
            if name in _PLACES:
                found |= {key: amount for key, amount in _amounts(_PLACES[name], value) if key not in found}
    return dict(list(found.items())[:MOST])


def _amounts(name: str, value: object) -> Iterator[tuple[str, int | float]]:
    if isinstance(value, Mapping):
        for inner, item in value.items():
            if isinstance(inner, str) and (amount := values.number(item)) is not None:
                yield values.text(inner, 60), _whole(amount)
    elif (amount := values.number(value)) is not None:
        yield name, _whole(amount)


def _whole(amount: float) -> int | float:
    return int(amount) if amount.is_integer() else amount
