"""Results: figures next to those of their peers, as tables for the terminal and for docs/performance.md."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row. `reach`: the target in words, empty if there is none; `reached`: None if it can't be determined."""

    what: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    reach: str = ""
    reached: bool | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.peer_value if self.peer_value else None

    @property
    def is_reached(self) -> str:
        if not self.reach:
            return ""
        if self.reached is None:
            return "not measured"
        return "yes" if self.reached else "**NO**"

    def cells(self) -> list[str]:
        peer = f"{self.peer}: {number(self.peer_value)}" if self.peer_value is not None else self.peer
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else ""
        return [self.what, f"{number(self.value)} {self.unit}", peer, ratio, self.reach, self.is_reached, self.note]


@dataclass(slots=True)
class Section:
    """The figures of one part. `plain` is printed as is; `taken` says when, and how busy the machine was."""

    title: str
    figures: list[Figure]
    plain: list[str] = field(default_factory=list)
    taken: str = ""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def section_of(document: dict[str, object]) -> Section:
    """The inverse of `Section.as_json`."""
    rows: object = document["figures"]
    assert isinstance(rows, list)
    return Section(**{**document, "figures": [Figure(**row) for row in rows]})  # type: ignore[arg-type]  # as_json's


HEADINGS = ("what", "ours", "peer", "ratio", "reach", "reached", "note")


def number(value: float | None) -> str:
    """Formats with about three digits, and with thousands separators."""
    if value is None:
        return ""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def middle(values: Iterable[float]) -> float:
    return median(values)


def share(values: Sequence[float], part: float) -> float:
    """Returns the value that `part` of the values don't exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def markdown(figures: Iterable[Figure]) -> str:
    rows = [HEADINGS, ["---"] * len(HEADINGS), *(figure.cells() for figure in figures)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def text(figures: Iterable[Figure]) -> str:
    rows = [list(HEADINGS), *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
