"""Acts on many tasks at once: label and remove. Sharing many belongs to the links."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from dashboard.tasks import actions, bulk, removed_views, rows
from dashboard.tasks import board as boards
from dashboard.tasks.forms import LabelForm
from dashboard.web.request import Request, redirect_to

SHOWN = 10  # rows that a confirmation lists


@login_required
@require_POST
def label(request: Request) -> HttpResponse:
    form = LabelForm(request.POST)
    if form.is_valid():
        count = actions.label(bulk.selected_tasks(request.user, request.POST).for_acts(), form.cleaned_data["label"])
        messages.success(request, f"{count} {'title' if count == 1 else 'titles'} changed.")
    else:
        messages.error(request, str(form.errors.as_data()["label"][0].messages[0]))
    return redirect_to(request, _back(request))


@login_required
@require_POST
def delete(request: Request) -> HttpResponse:
    tasks = bulk.selected_tasks(request.user, request.POST)
    if request.POST.get("confirmed") != "on":
        context = {
            "rows": [rows.row(task) for task in tasks[:SHOWN]],
            "total": tasks.count(),
            "active": tasks.active().count(),
            "days": actions.RETENTION.days,
            "action_href": reverse("bulk_delete"),
            "back_href": _back(request),
            "fields": bulk.confirmation_fields(request.POST),
        }
        return render(request, "tasks/confirm_remove.html", context)
    count, removed_at = actions.remove(tasks.for_acts())
    text = f"{count} {'task' if count == 1 else 'tasks'} removed."
    messages.success(request, text, extra_tags=removed_views.undo_href(removed_at))
    return redirect_to(request, _back(request))


def _back(request: Request) -> str:
    return boards.filters_from(request.user, request.POST).href()
