"""Faults on demand: which calls they hit, and how often.

A fault is named in a model (`amux+fault=html-200*3`) or set through /_demo/faults for one task, one key's owner or
everything. Those that replace the answer are in `http_faults.WIRE`, those that change the JSON in `JSON_FAULTS`, and
`http-<status>` answers that status. The calls: status, create, content, file.
"""

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
