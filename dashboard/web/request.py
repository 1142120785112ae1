"""The request type of our views: a signed-in user, and htmx details."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from dashboard.accounts.models import User


class Request(HttpRequest):
    user: "User"  # every view that takes a Request stands behind login_required
    htmx: "HtmxDetails"


def redirect_to(request: Request, href: str) -> HttpResponse:
    """Redirects the browser to `href`, with or without htmx."""
    return HttpResponseClientRedirect(href) if request.htmx else HttpResponseRedirect(href)


def redirect_back(request: Request, href: str) -> HttpResponse:
    """The answer to an act: a redirect; for htmx, which must not follow it by itself, 204 with what happened.

    The messages go along in the `HX-Trigger` header, so that the page may show them without another request. The
    `extra_tags` of one are the address that undoes what it tells of.
    """
    if not request.htmx:
        return HttpResponseRedirect(href)
    told = [
        {"level": message.level_tag, "text": str(message), "undo": message.extra_tags or ""}
        for message in messages.get_messages(request)
    ]
    return trigger_client_event(HttpResponse(status=204), "messages", {"messages": told})
