"""What the gateway received and sent: the log that tests read, and the responses in progress."""

from collections import Counter, deque
from dataclasses import asdict, dataclass, field

KEPT = 50_000


@dataclass(slots=True)
class Entry:
    """One request. `owner` is the key's owner, never the key; `sent` counts body bytes written to the socket."""

    number: int
    port: str
    call: str
    method: str
    path: str
    wall: float
    monotonic: float
    range: str | None
    if_range: str | None
    authorised: bool  # an Authorization header was present, valid or not
    owner: str | None = None
    task: str | None = None
    status: int | None = None
    sent: int = 0
    aborted: bool = False
    fault: str | None = None
    done: bool = False


@dataclass(slots=True)
class RequestLog:
    """The newest KEPT entries, totals of all requests by call and status, and the requests still in progress."""

    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT))
    totals: Counter[str] = field(default_factory=Counter)
    open: dict[int, Entry] = field(default_factory=dict)

    def begin(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.open[entry.number] = entry

    def end(self, entry: Entry) -> None:
        entry.done = True
        self.open.pop(entry.number, None)
        self.totals[f"{entry.call} {entry.status}"] += 1

    def since(self, number: int, task: str | None = None) -> list[dict[str, object]]:
        """Returns the stored entries after the one with this number, oldest first, as JSON objects."""
        newer = (entry for entry in self.entries if entry.number > number)
        return [asdict(entry) for entry in newer if task in (None, entry.task)]

    def connections(self) -> list[dict[str, object]]:
        """Returns the entries of the video responses that are being sent right now."""
        return [asdict(entry) for entry in self.open.values() if entry.call in ("content", "file")]
