"""Pages of tasks by keyset: each begins where another one ends, whatever has come since."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q

from dashboard.tasks.models import Task, TaskQuerySet


@dataclass(frozen=True, slots=True)
class Cursor:
    """A task's place in the order of creation."""

    created_at: datetime
    task_id: uuid.UUID

    @classmethod
    def of(cls, task: Task) -> "Cursor":
        return cls(task.created_at, task.pk)

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """None for anything that is no cursor of ours."""
        digits, _, task_id = text.partition("_")
        try:
            micros = int(digits) if digits.isascii() and digits.isdigit() else -1
            moment = datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
            return cls(moment, uuid.UUID(task_id)) if micros > 0 else None
        except (ValueError, OverflowError, OSError):
            return None

    def __str__(self) -> str:
        return f"{int(self.created_at.timestamp() * 1_000_000)}_{self.task_id}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page lies: after the task at `cursor` in the order of the page, or, with `is_backward`, before it."""

    cursor: Cursor | None = None
    is_backward: bool = False
    is_oldest_first: bool = False

    @property
    def ascends(self) -> bool:
        """Whether rows are read from older to newer."""
        return self.is_oldest_first != self.is_backward

    def in_order(self, tasks: TaskQuerySet) -> TaskQuerySet:
        """In the order of reading, which `is_backward` turns around."""
        order = ("created_at", "id") if self.ascends else ("-created_at", "-id")
        tasks = tasks.order_by(*order)
        if self.cursor is None:
            return tasks
        moment, task_id = self.cursor.created_at, self.cursor.task_id
        # The first condition alone would do for a planner that knows row values; as it stands every engine uses the
        # index.
        if self.ascends:
            return tasks.filter(created_at__gte=moment).filter(Q(created_at__gt=moment) | Q(id__gt=task_id))
        return tasks.filter(created_at__lte=moment).filter(Q(created_at__lt=moment) | Q(id__lt=task_id))
