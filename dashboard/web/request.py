"""The request type of our views, with a signed-in user and htmx details, and redirects that work with htmx."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from dashboard.accounts.models import User


class Request(HttpRequest):
    user: "User"  # every view that takes a Request uses login_required
    htmx: "HtmxDetails"


def redirect_to(request: Request, href: str) -> HttpResponse:
    """Redirects the browser to `href`, with or without htmx."""
    return HttpResponseClientRedirect(href) if request.htmx else HttpResponseRedirect(href)


def redirect_back(request: Request, href: str) -> HttpResponse:
    """Returns the response to an action: a redirect, or a 204 for htmx, which would follow a redirect itself.

    The 204 includes the messages in its `HX-Trigger` header, so that the page can show them without another request. A
    message's `extra_tags` contain the URL that undoes the action.
    """
    if not request.htmx:
        return HttpResponseRedirect(href)
    told = [
        {"level": message.level_tag, "text": str(message), "undo": message.extra_tags or ""}
        for message in messages.get_messages(request)
    ]
    return trigger_client_event(HttpResponse(status=204), "messages", {"messages": told})
