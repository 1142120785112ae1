"""The states of a task, and the transitions between them.

Two things are kept separate. The *status* is what the gateway reports, one of four:

    queued <-> in_progress          a gateway may put a task back into its queue
       \\          /
     completed  failed              terminal: nothing leaves these, whatever a later answer says

The *condition* is ours: it says what keeps us from knowing the status. It is empty when all is well, and it never
ends a task: only an explicit terminal status does.

All code that changes a status follows this table.
"""

from typing import Final

QUEUED: Final = "queued"
IN_PROGRESS: Final = "in_progress"
COMPLETED: Final = "completed"
FAILED: Final = "failed"

STATUSES: Final = (QUEUED, IN_PROGRESS, COMPLETED, FAILED)
ACTIVE: Final = (QUEUED, IN_PROGRESS)
TERMINAL: Final = (COMPLETED, FAILED)

MOVES: Final[dict[str, frozenset[str]]] = {
    QUEUED: frozenset({IN_PROGRESS, COMPLETED, FAILED}),
    IN_PROGRESS: frozenset({QUEUED, COMPLETED, FAILED}),
    COMPLETED: frozenset(),  # guard: terminal-status-has-no-moves
    FAILED: frozenset(),
}

FINE: Final = ""
CHECKING: Final = "checking"  # tracked, but the gateway hasn't reported on it yet
KEY_REFUSED: Final = "key_refused"
NO_KEY: Final = "no_key"
NOT_FOUND: Final = "not_found"
OVERDUE: Final = "overdue"
UNREACHABLE: Final = "unreachable"
MISCONFIGURED: Final = "misconfigured"
SILENT: Final = "silent"
SUBMITTING: Final = "submitting"
UNCONFIRMED: Final = "unclear"

CONDITIONS: Final = (
    FINE,
    CHECKING,
    KEY_REFUSED,
    NO_KEY,
    NOT_FOUND,
    OVERDUE,
    UNREACHABLE,
    MISCONFIGURED,
    SILENT,
    SUBMITTING,
    UNCONFIRMED,
)
STOPPED_BY_KEY: Final = (KEY_REFUSED, NO_KEY)
NEED_ATTENTION: Final = tuple(condition for condition in CONDITIONS if condition not in (FINE, CHECKING, SUBMITTING))


def may_move(old: str, new: str) -> bool:
    """Whether an answer with the status `new` changes a task from `old`. The same status is not a move."""
    return new in MOVES[old]
