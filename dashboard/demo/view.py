"""What a dialect can report about a task at one moment. Pure."""

from dataclasses import dataclass

from dashboard.demo.tasks import COMPLETED, FAILED, QUEUED, Task

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class View:
    """A task at the moment `now` (wall seconds). `url` is None before completion; `more_urls` are those of the videos
    after the first."""

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
        """Created less than two seconds ago: some gateways don't have a proper status for it yet."""
        return self.now - self.task.created_at < 2.0 and self.status == QUEUED

    @property
    def first_raw_status(self) -> str:
        """new-api's status words for a fresh task."""
        if self.has("unknown"):
            return "UNKNOWN"
        return "NOT_START" if self.now - self.task.created_at < 1.0 else "SUBMITTED"

    def has(self, option: str) -> bool:
        return option in self.task.model.options

    def time(self, *statuses: str) -> int:
        """Returns when the task entered one of the statuses, in whole seconds (ms with option `ms`); 0 = not yet."""
        at = self.task.entered(self.now, *statuses)
        return 0 if at is None else int(at * 1000) if self.has("ms") else int(at)

    def raw_status(self, words: dict[str, str]) -> str:
        return words[self.status]
