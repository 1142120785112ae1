"""Faults on demand: which calls they hit, how often, and the names of all there are.

A fault is named in a model (`amux+fault=html-200*3`) or set through /_demo/faults for one task, one key's owner or
everything. Names ending a call's life on the wire are in `http_faults.WIRE`, those changing the JSON in `JSON_FAULTS`,
and `http-<status>` answers that status. The calls: status, create, content, file.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

CALLS = ("status", "create", "content", "file", "any")


@dataclass(slots=True)
class Fault:
    """One fault. `times` is how many calls it still hits, None = all. `settings` are the fault's own parameters."""

    name: str
    call: str = "status"
    task: str | None = None
    owner: str | None = None
    times: int | None = None
    settings: dict[str, object] = field(default_factory=dict)
    number: int = 0

    def hits(self, call: str, task: str | None, owner: str | None) -> bool:
        """Whether this fault is meant for such a call."""
        return (
            self.times != 0 and self.call in (call, "any") and self.task in (None, task) and self.owner in (None, owner)
        )

    def text(self, name: str, default: str = "") -> str:
        """A parameter as text."""
        return str(self.settings.get(name, default))

    def number_of(self, name: str, default: float) -> float:
        """A parameter as a number. Raises ValueError when it is none."""
        return float(str(self.settings.get(name, default)))


class Faults:
    """The faults in force, newest last."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._numbers = itertools.count(1)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force and number it."""
        fault.number = next(self._numbers)
        self._faults.append(fault)
        return fault

    def remove(self, number: int | None = None) -> None:
        """Lift one fault, or all."""
        self._faults = [fault for fault in self._faults if number not in (None, fault.number)]

    def take(self, call: str, task: str | None, owner: str | None) -> Fault | None:
        """The newest fault that hits this call, counted down; None = behave."""
        fault = next((one for one in reversed(self._faults) if one.hits(call, task, owner)), None)
        if fault is not None and fault.times is not None:
            fault.times -= 1
        return fault


def from_option(text: str, task: str) -> Fault:
    """The fault of a model's option: `name` or `name*times`, a `content-` or `create-` in front says what it hits."""
    name, _, times = text.partition("*")
    call = next((call for call in ("content", "create") if name.startswith(f"{call}-")), "status")
    return Fault(name.removeprefix(f"{call}-"), call, task, times=int(times) if times.isdigit() else None)
