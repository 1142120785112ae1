"""The tasks that a bulk act is meant for: the ones ticked, or all that match the filter."""

from uuid import UUID

from django.http import QueryDict

from dashboard.accounts.models import User
from dashboard.tasks import access, board_filters, rows
from dashboard.tasks.models import TaskQuerySet

SHOWN = 10  # rows that a confirmation lists


def selected_tasks(user: User, given: QueryDict) -> TaskQuerySet:
    """Only tasks that the member may change; ids of others are passed over as if they were not there."""
    editable = access.tasks_for_editor(user)
    if given.get("all") == "on":
        matching = board_filters.tasks_matching(user, board_filters.filters_from(user, given))
        return (matching & editable).for_rows()
    return editable.filter(pk__in=ids_in(given)).for_rows()


def confirmation(tasks: TaskQuerySet, given: QueryDict) -> dict[str, object]:
    """What a page that asks about `tasks` shows of them, and sends along."""
    shown = [rows.row(task) for task in tasks.for_rows()[:SHOWN]]
    return {"rows": shown, "total": tasks.count(), "fields": _confirmation_fields(given)}


def _confirmation_fields(given: QueryDict) -> list[tuple[str, str]]:
    """What a confirmation has to send along to mean the same tasks."""
    if given.get("all") == "on":
        return [("all", "on"), *((name, str(given[name])) for name in board_filters.NAMES if given.get(name))]
    return [("ids", str(task_id)) for task_id in ids_in(given)]


def ids_in(given: QueryDict) -> list[UUID]:
    """What is no ID is passed over."""
    found = []
    for text in given.getlist("ids"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
