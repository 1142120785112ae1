"""The only way from a token to what it opens."""

from django.http import Http404

from dashboard.sharing.models import ShareLink


class LinkGone(Http404):
    """The link existed, and is revoked or expired now. What it led to is not said."""


def link_for_token(token: str) -> ShareLink:
    """A live link with its task. Raises Http404 for a token that never was, LinkGone for one that has ended."""
    links = ShareLink.objects.for_token(token).select_related("task", "task__owner", "task__key", "created_by")
    link = links.first()
    if link is None:
        raise Http404("No such link.")
    if not links.live().exists():
        raise LinkGone("This link has ended.")
    return link
