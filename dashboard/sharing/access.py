"""The only way to look up share links, by token or by task."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from dashboard.accounts.models import User
from dashboard.sharing.models import ShareLink
from dashboard.tasks import access


class LinkGone(Http404):
    """Raised for a share link that no longer works. Doesn't reveal its task."""


def link_for_token(token: str) -> ShareLink:
    """Returns a live share link with its task.

    Raises Http404 for an unknown token, and LinkGone for a link that no longer works.
    """
    links = ShareLink.objects.for_token(token).select_related("task", "task__owner", "task__key", "created_by")
    link = links.first()
    if link is None:
        raise Http404("No such link.")
    if not links.live().exists():
        raise LinkGone("This link has expired.")
    return link


def links_of_task(user: User, task_id: UUID) -> QuerySet[ShareLink]:
    """Returns a task's share links. Raises Http404 if the user may not change the task."""
    task = access.task_for_editor(user, task_id)
    links = ShareLink.objects.filter(task=task).select_related("created_by", "task")
    return links.prefetch_related("openings__user")


def link_for_editor(user: User, link_id: UUID) -> ShareLink:
    """Returns the share link. Raises Http404 if there is none or the user may not change its task."""
    try:
        return ShareLink.objects.filter(task__in=access.tasks_for_editor(user)).get(pk=link_id)
    except ShareLink.DoesNotExist:
        raise Http404("No such link, or not yours.") from None
