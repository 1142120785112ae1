"""Views that save filters of the board, and delete them."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from dashboard.database import write_transaction
from dashboard.keys.pasted_keys import holds_key
from dashboard.tasks import board_filters
from dashboard.tasks.models import SavedFilter
from dashboard.web.request import Request, redirect_to

MOST: Final = 20
_NAME_LIMIT: Final = 40  # characters


@login_required
@require_POST
def save(request: Request) -> HttpResponse:
    """Saves the filter in `query` under `name`. A filter with that name is replaced."""
    query, name = _query(request), request.POST.get("name", "").replace("\x00", "").strip()
    if problem := _problem(request, query, name):
        messages.error(request, problem)
        return redirect_to(request, board_filters.board_href(query))
    with write_transaction():
        SavedFilter.objects.update_or_create(owner=request.user, name=name, defaults={"query": query})
    messages.success(request, gettext("Filter saved."))
    return redirect_to(request, board_filters.board_href(query))


def _problem(request: Request, query: str, name: str) -> str:
    if not query:
        return gettext("This board isn't filtered, so there is nothing to save.")
    if not name or len(name) > _NAME_LIMIT:
        return gettext("Enter a name of up to %(most)s characters.") % {"most": _NAME_LIMIT}
    if holds_key(name):
        return gettext("That looks like an API key. Enter another name.")
    others = SavedFilter.objects.filter(owner=request.user).exclude(name=name)
    if others.count() >= MOST:
        return gettext("You can save up to %(most)s filters. Delete one first.") % {"most": MOST}
    return ""


@login_required
@require_POST
def delete(request: Request, filter_id: UUID) -> HttpResponse:
    saved = get_object_or_404(SavedFilter, pk=filter_id, owner=request.user)
    with write_transaction():
        SavedFilter.objects.filter(pk=saved.pk).delete()
    messages.success(request, gettext("Filter deleted."))
    return redirect_to(request, board_filters.board_href(_query(request)))


def _query(request: Request) -> str:
    """Returns the posted query with the filters that the board knows, and nothing else."""
    wanted = board_filters.filters_from(request.user, QueryDict(request.POST.get("query", "")))
    return board_filters.without_defaults(request.user, wanted).query
