"""Counts the tasks that match a filter, by status: exact for a whole board, up to CAP if it is filtered further."""

from collections import Counter
from dataclasses import dataclass

from dashboard.accounts.models import User
from dashboard.tasks import board_filters, states
from dashboard.tasks.board_filters import Filters
from dashboard.templatetags.display import number

CAP = 1_000  # tasks: reading more takes longer than the page itself


@dataclass(frozen=True, slots=True)
class StatusCounts:
    """`by_status` is None if more than CAP tasks match: then the numbers by status are not known."""

    by_status: dict[str, int] | None

    def count(self, status: str = "") -> int | None:
        """Returns the number of tasks with one status, or of all; None if unknown."""
        if self.by_status is None:
            return None
        return self.by_status[status] if status else sum(self.by_status.values())

    def text(self, status: str = "") -> str:
        """Returns the count as it is shown; empty if nothing is known."""
        count = self.count(status)
        if count is None:
            return "" if status else f"{number(CAP)}+"
        return number(count)


def status_counts(user: User, filters: Filters) -> StatusCounts:
    """Ignores the status in `filters`. Reads at most CAP + 1 tasks, unless an index alone provides the numbers."""
    any_status = Filters(**{name: getattr(filters, name) for name in board_filters.NAMES if name != "status"})
    if not any_status.narrows:
        return StatusCounts(board_filters.tasks_in_scope(user, filters).counts())
    found = board_filters.tasks_matching(user, any_status).order_by().values_list("status", flat=True)[: CAP + 1]
    counted = Counter(found)
    if counted.total() > CAP:
        return StatusCounts(None)
    return StatusCounts({status: counted[status] for status in states.STATUSES})
