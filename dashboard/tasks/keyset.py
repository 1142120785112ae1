"""Keyset pagination of tasks: each page starts where another one ends, even if tasks were added since."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q

from dashboard.tasks.models import Task, TaskQuerySet


@dataclass(frozen=True, slots=True)
class Cursor:
    """A task's place in creation order."""

    created_at: datetime
    task_id: uuid.UUID

    @classmethod
    def of(cls, task: Task) -> "Cursor":
        return cls(task.created_at, task.pk)

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Parses a cursor. Returns None if it is invalid."""
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
    """Where a page starts: after the task at `cursor` in the page's order or, with `is_backward`, before it."""

    cursor: Cursor | None = None
    is_backward: bool = False
    is_oldest_first: bool = False

    @property
    def ascends(self) -> bool:
        """Whether rows are read from older to newer."""
        return self.is_oldest_first != self.is_backward

    def in_order(self, tasks: TaskQuerySet) -> TaskQuerySet:
        """Sorts the tasks in reading order, which `is_backward` reverses, and starts at the cursor."""
        order = ("created_at", "id") if self.ascends else ("-created_at", "-id")
        tasks = tasks.order_by(*order)
        if self.cursor is None:
            return tasks
        moment, task_id = self.cursor.created_at, self.cursor.task_id
        # This is (created_at, id) compared as a row value, written so that every database uses the index.
        if self.ascends:
            return tasks.filter(created_at__gte=moment).filter(Q(created_at__gt=moment) | Q(id__gt=task_id))
        return tasks.filter(created_at__lte=moment).filter(Q(created_at__lt=moment) | Q(id__lt=task_id))
