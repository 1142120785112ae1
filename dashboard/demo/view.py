"""What a dialect may tell of a task at one moment. Pure."""

from dataclasses import dataclass

from dashboard.demo.tasks import COMPLETED, FAILED, QUEUED, Task

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class View:
    """What a dialect may tell of a task at one moment. `url` is None unless completed, `more_urls` are those of the
    videos after the first; times in wall seconds."""

    task: Task
    now: float
    url: str | None
    more_urls: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        return self.task.status(self.now)

    @property
    def done(self) -> bool:
        return self.status in (COMPLETED, FAILED)

    @property
    def fresh(self) -> bool:
        """Created less than two seconds ago: some gateways have no word for such a task yet."""
        return self.now - self.task.created_at < 2.0 and self.status == QUEUED

    @property
    def first_raw_status(self) -> str:
        """new-api's words for a fresh task."""
        if self.has("unknown"):
            return "UNKNOWN"
        return "NOT_START" if self.now - self.task.created_at < 1.0 else "SUBMITTED"

    def has(self, option: str) -> bool:
        return option in self.task.model.options

    def time(self, *statuses: str) -> int:
        """When the task came to one of the statuses, 0 = not yet; whole seconds, or ms with the option `ms`."""
        at = self.task.entered(self.now, *statuses)
        return 0 if at is None else int(at * 1000) if self.has("ms") else int(at)

    def raw_status(self, words: dict[str, str]) -> str:
        return words[self.status]
