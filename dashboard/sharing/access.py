"""The only way to look up share links, by token or by task."""

from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from dashboard.accounts.models import User
from dashboard.sharing.models import LinkOpening, ShareLink
from dashboard.tasks import access

_ID_LENGTH: Final = 36


class LinkGone(Http404):
    """Raised for a share link that no longer works. Doesn't reveal its task."""


def link_for_member(user_id: int, reference: str) -> ShareLink:
    """Returns a live share link with its task.

    `reference` is the link's token, or the link's ID if the member has opened the link with its token before. Raises
    Http404 for an unknown reference, and LinkGone for a link that no longer works.
    """
    link_id = _link_id(reference)
    links = ShareLink.objects.for_token(reference)
    if link_id is not None:
        links = ShareLink.objects.filter(pk=link_id).opened_by(user_id)
    link = links.select_related("task", "task__owner", "task__key", "created_by").first()
    if link is None:
        raise Http404("No such link.")
    if not links.live().exists():
        raise LinkGone("This link has expired.")
    return link


def _link_id(reference: str) -> UUID | None:
    """Returns None for a token, which is shorter than an ID as it is written in URLs."""
    try:
        return UUID(reference) if len(reference) == _ID_LENGTH else None
    except ValueError:
        return None


def links_opened_by(user: User) -> QuerySet[LinkOpening]:
    """Returns the live links that the member has opened, except the member's own, most recently opened first."""
    live = ShareLink.objects.live().exclude(created_by=user)
    openings = LinkOpening.objects.filter(user=user, link__in=live).select_related("link__created_by")
    return openings.order_by("-last_at", "-pk")


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
