"""What is found: a figure beside its peer's, and tables of them, for the terminal and for docs/performance.md."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row. `reach` says in words what it shall reach, empty where it only tells; `reached` None where it can't."""

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
    def verdict(self) -> str:
        if not self.reach:
            return ""
        if self.reached is None:
            return "not measured"
        return "yes" if self.reached else "**NO**"

    def cells(self) -> list[str]:
        peer = f"{self.peer}: {number(self.peer_value)}" if self.peer_value is not None else self.peer
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else ""
        return [self.what, f"{number(self.value)} {self.unit}", peer, ratio, self.reach, self.verdict, self.note]


@dataclass(slots=True)
class Section:
    """One part's figures. `plain` is printed as it is; `taken` says when, and how busy the machine was."""

    title: str
    figures: list[Figure]
    plain: list[str] = field(default_factory=list)
    taken: str = ""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def section_of(document: dict[str, object]) -> Section:
    """The other way round."""
    rows: object = document["figures"]
    assert isinstance(rows, list)
    return Section(**{**document, "figures": [Figure(**row) for row in rows]})  # type: ignore[arg-type]  # as_json's


HEADINGS = ("what", "ours", "peer", "ratio", "reach", "reached", "note")


def number(value: float | None) -> str:
    """Three digits or so; thousands apart."""
    if value is None:
        return ""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def middle(values: Iterable[float]) -> float:
    return median(values)


def share(values: Sequence[float], part: float) -> float:
    """The value that `part` of them don't exceed."""
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
