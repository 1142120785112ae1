"""How many tasks a filter leaves, by status: exact for a whole board, up to CAP for whatever narrows it further."""

from collections import Counter
from dataclasses import dataclass

from dashboard.accounts.models import User
from dashboard.tasks import board_filters, states
from dashboard.tasks.board_filters import Filters

CAP = 1_000  # tasks: reading more of them takes longer than the page itself


@dataclass(frozen=True, slots=True)
class StatusCounts:
    """`by_status` None: more than CAP tasks match, and how many of each status is not known."""

    by_status: dict[str, int] | None

    def count(self, status: str = "") -> int | None:
        """Of one status, or of all."""
        if self.by_status is None:
            return None
        return self.by_status[status] if status else sum(self.by_status.values())

    def text(self, status: str = "") -> str:
        """As it is shown; empty where nothing is known."""
        count = self.count(status)
        if count is None:
            return "" if status else f"{CAP:,}+"
        return str(count)


def status_counts(user: User, filters: Filters) -> StatusCounts:
    """Whatever the status in `filters`. No more than CAP tasks are read, unless an index alone tells the number."""
    any_status = Filters(**{name: getattr(filters, name) for name in board_filters.NAMES if name != "status"})
    if not any_status.narrows:
        return StatusCounts(board_filters.tasks_in_scope(user, filters).counts())
    found = board_filters.tasks_matching(user, any_status).order_by().values_list("status", flat=True)[: CAP + 1]
    counted = Counter(found)
    if counted.total() > CAP:
        return StatusCounts(None)
    return StatusCounts({status: counted[status] for status in states.STATUSES})
