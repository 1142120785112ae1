"""Views of removed tasks: list, restore, delete for good. Members see their own tasks; admins see everyone's."""

from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from dashboard.tasks import access, actions, bulk, rows
from dashboard.tasks.models import Task
from dashboard.templatetags.display import number
from dashboard.web.request import Request, redirect_back, redirect_to

PAGE = 50


def undo_href(removed_at: datetime) -> str:
    """Returns the URL that restores the tasks that one action removed."""
    return f"{reverse('removed_restore')}?{urlencode({'removed_at': removed_at.isoformat()})}"


@login_required
@require_safe
def removed(request: Request) -> HttpResponse:
    tasks = access.removed_tasks_for_editor(request.user).for_rows().order_by("-removed_at", "-id")
    page = Paginator(tasks, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "tasks": [
            (rows.row(task), task.removed_at, task.removed_at + actions.RETENTION)
            for task in page.object_list
            if task.removed_at is not None
        ],
        "days": actions.RETENTION.days,
    }
    return render(request, "tasks/removed.html", context)


def removed_task(request: Request, task: Task) -> HttpResponse:
    """Returns what is shown instead of the page of a removed task."""
    context = {"row": rows.row(task), "removed_at": task.removed_at, "days": actions.RETENTION.days}
    return render(request, "tasks/removed_task.html", context, status=410)


@login_required
@require_POST
def restore(request: Request) -> HttpResponse:
    """Restores the tasks in `ids` or, to undo one action, those that were removed exactly at `removed_at`."""
    moment = _moment(request.GET.get("removed_at", ""))
    tasks = access.removed_tasks_for_editor(request.user)
    chosen = tasks.filter(removed_at=moment) if moment else tasks.filter(pk__in=bulk.ids_in(request.POST))
    count = actions.restore(chosen.for_acts())
    if count:
        text = ngettext("%(count)s task restored.", "%(count)s tasks restored.", count) % {"count": number(count)}
        messages.success(request, text)
    else:
        messages.info(request, gettext("There's nothing to restore."))
    return redirect_back(request, reverse("board" if moment else "removed"))


@login_required
@require_POST
def delete(request: Request) -> HttpResponse:
    """Permanently deletes the tasks in `ids` or, with `all`, every removed task."""
    tasks = access.removed_tasks_for_editor(request.user)
    is_all = request.POST.get("all") == "on"
    chosen = tasks if is_all else tasks.filter(pk__in=bulk.ids_in(request.POST))
    if request.POST.get("confirmed") != "on":
        context = bulk.confirmation(chosen, request.POST) | {
            "others": chosen.exclude(owner=request.user).count(),
            "action_href": reverse("removed_delete"),
            "back_href": reverse("removed"),
        }
        return render(request, "tasks/confirm_delete.html", context)
    count = actions.delete(chosen.removed_before(timezone.now()).for_acts())
    text = ngettext("%(count)s task deleted.", "%(count)s tasks deleted.", count) % {"count": number(count)}
    messages.success(request, text)
    return redirect_to(request, reverse("removed"))


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
