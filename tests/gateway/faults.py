"""Faults on demand: which calls they affect, and how often.

A fault is part of a model name (`amux+fault=html-200*3`) or set through /_demo/faults for one task, one key's owner or
everything. Faults that replace the response are in `http_faults.WIRE`, those that change the JSON are in `JSON_FAULTS`,
and `http-<status>` responds with that status. The calls: status, create, content, file.
"""

from dataclasses import dataclass, field

CALLS = ("status", "create", "content", "file", "any")


@dataclass(slots=True)
class Fault:
    """One fault. `times`: how many more calls it affects, None for all. `settings`: the fault's own parameters."""

    name: str
    call: str = "status"
    task: str | None = None
    owner: str | None = None
    times: int | None = None
    settings: dict[str, object] = field(default_factory=dict)
    number: int = 0

    def hits(self, call: str, task: str | None, owner: str | None) -> bool:
        """Whether this fault applies to such a call."""
        return (
            self.times != 0 and self.call in (call, "any") and self.task in (None, task) and self.owner in (None, owner)
        )

    def text(self, name: str, default: str = "") -> str:
        """Returns a parameter as text."""
        return str(self.settings.get(name, default))

    def number_of(self, name: str, default: float) -> float:
        """Returns a parameter as a number. Raises ValueError if it isn't one."""
        return float(str(self.settings.get(name, default)))
