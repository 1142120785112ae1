"""The tasks that a bulk action applies to: the selected ones, or all that match the filter."""

from uuid import UUID

from django.http import QueryDict

from dashboard.accounts.models import User
from dashboard.tasks import access, board_filters, rows
from dashboard.tasks.models import TaskQuerySet

SHOWN = 10  # rows that a confirmation page lists


def selected_tasks(user: User, given: QueryDict) -> TaskQuerySet:
    """Returns only tasks that the user may change. IDs of other tasks are ignored, as if they didn't exist."""
    editable = access.tasks_for_editor(user)
    if given.get("all") == "on":
        matching = board_filters.tasks_matching(user, board_filters.filters_from(user, given))
        return (matching & editable).for_rows()
    return editable.filter(pk__in=ids_in(given)).for_rows()


def confirmation(tasks: TaskQuerySet, given: QueryDict) -> dict[str, object]:
    """Returns the context of a confirmation page: what it shows of `tasks`, and the fields that it submits."""
    shown = [rows.row(task) for task in tasks.for_rows()[:SHOWN]]
    return {"rows": shown, "total": tasks.count(), "fields": _confirmation_fields(given)}


def _confirmation_fields(given: QueryDict) -> list[tuple[str, str]]:
    """Returns the fields that a confirmation page has to submit to apply to the same tasks."""
    if given.get("all") == "on":
        return [("all", "on"), *((name, str(given[name])) for name in board_filters.NAMES if given.get(name))]
    return [("ids", str(task_id)) for task_id in ids_in(given)]


def ids_in(given: QueryDict) -> list[UUID]:
    """Ignores invalid IDs."""
    found = []
    for text in given.getlist("ids"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
