"""Bulk actions on tasks: tag and remove. Bulk sharing is part of `dashboard.sharing`."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from dashboard.tasks import access, actions, board_filters, bulk, removed_views, tags
from dashboard.tasks.forms import TagForm
from dashboard.templatetags.display import number
from dashboard.web.request import Request, redirect_back, redirect_to

LAST_TAG_CHANGE = "last_tag_change"  # session key of the change that Undo reverts
MOST_UNDONE = 5_000  # tasks; more would make the session too large


@login_required
@require_POST
def tag(request: Request) -> HttpResponse:
    return _change_tag(request, is_added=True)


@login_required
@require_POST
def untag(request: Request) -> HttpResponse:
    return _change_tag(request, is_added=False)


def _change_tag(request: Request, *, is_added: bool) -> HttpResponse:
    form = TagForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors.as_data()["new_tag"][0].messages[0]))
        return redirect_to(request, _back(request))
    name = form.cleaned_data["new_tag"]
    selected = bulk.selected_tasks(request.user, request.POST).for_acts()
    changed = (actions.add_tag if is_added else actions.remove_tag)(selected, name)
    words = _result_text(name, len(changed), is_added=is_added)
    if changed:
        messages.success(request, words, extra_tags=_keep_for_undo(request, name, changed, is_added=is_added))
    else:
        messages.info(request, words)
    return redirect_to(request, _back(request))


def _result_text(name: str, count: int, *, is_added: bool) -> str:
    """Returns a sentence about the tag's change on `count` tasks."""
    values = {"tag": name, "count": count, "most": tags.MOST}
    if count and is_added:
        return (
            ngettext("Tag “%(tag)s” added to %(count)s task.", "Tag “%(tag)s” added to %(count)s tasks.", count)
            % values
        )
    if count:
        return (
            ngettext("Tag “%(tag)s” removed from %(count)s task.", "Tag “%(tag)s” removed from %(count)s tasks.", count)
            % values
        )
    if is_added:
        return gettext("The selected tasks already have the tag “%(tag)s”, or have %(most)s tags.") % values
    return gettext("None of the selected tasks has the tag “%(tag)s”.") % values


def _keep_for_undo(request: Request, name: str, changed: list[uuid.UUID], *, is_added: bool) -> str:
    """Stores the change in the session. Returns the URL that undoes it; empty if the change is too large."""
    if len(changed) > MOST_UNDONE:
        return ""
    act = uuid.uuid4().hex
    ids = [str(task_id) for task_id in changed]
    request.session[LAST_TAG_CHANGE] = {"act": act, "tag": name, "is_added": is_added, "ids": ids}
    return f"{reverse('bulk_undo')}?act={act}"


@login_required
@require_POST
def undo(request: Request) -> HttpResponse:
    """Undoes the member's last tag change."""
    kept = request.session.get(LAST_TAG_CHANGE)
    if not kept or kept["act"] != request.GET.get("act"):
        messages.info(request, gettext("This can't be undone anymore."))
        return redirect_back(request, reverse("board"))
    del request.session[LAST_TAG_CHANGE]
    tasks = access.tasks_for_editor(request.user).filter(pk__in=kept["ids"]).for_acts()
    (actions.remove_tag if kept["is_added"] else actions.add_tag)(tasks, kept["tag"])
    messages.success(request, gettext("Undone."))
    return redirect_back(request, reverse("board"))


@login_required
@require_POST
def delete(request: Request) -> HttpResponse:
    """Removes the tasks, after a confirmation page."""
    tasks = bulk.selected_tasks(request.user, request.POST)
    if request.POST.get("confirmed") != "on":
        context = bulk.confirmation(tasks, request.POST) | {
            "active": tasks.active().count(),
            "days": actions.RETENTION.days,
            "action_href": reverse("bulk_delete"),
            "back_href": _back(request),
        }
        return render(request, "tasks/confirm_remove.html", context)
    count, removed_at = actions.remove(tasks.for_acts())
    text = ngettext("%(count)s task removed.", "%(count)s tasks removed.", count) % {"count": number(count)}
    messages.success(request, text, extra_tags=removed_views.undo_href(removed_at) if count else "")
    return redirect_to(request, _back(request))


def _back(request: Request) -> str:
    return board_filters.filters_from(request.user, request.POST).href()
