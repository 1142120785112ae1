"""Views of the board, and of one task."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST, require_safe

from dashboard.accounts.models import BOARD_VIEWS, User
from dashboard.keys import access as key_access
from dashboard.keys import usage
from dashboard.keys.pasted_keys import holds_key
from dashboard.tasks import access, actions, neighbors, page, removed_views, rows, video_choices
from dashboard.tasks import board as boards
from dashboard.tasks.forms import LabelForm, TagsForm, TrackForm
from dashboard.tasks.models import Task, TaskEvent
from dashboard.web.request import Request, redirect_back, redirect_to

KEY_IN_SEARCH = gettext_noop(
    "That looks like an API key, so it wasn't searched for. It was part of the page's URL, which browsers and "
    "proxies store: consider replacing that key."
)


@login_required
@require_safe
def board(request: Request) -> HttpResponse:
    if any(holds_key(request.GET.get(name, "")) for name in ("q", "model", "tag")):
        messages.warning(request, gettext(KEY_IN_SEARCH))
        return redirect_to(request, reverse("board"))
    # Read before the rows: a change between the two is then reported twice rather than missed.
    cursor = TaskEvent.objects.last_cursor()
    table = boards.table(request.user, request.GET)
    context: dict[str, object] = {"table": table, "cursor": cursor, "board_view": request.user.board_view}
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "tasks/_table.html", context)
    context |= {
        "live": True,
        "track_form": TrackForm(request.user),
        "has_keys": key_access.own_usable_keys(request.user).exists(),
    }
    return render(request, "tasks/board.html", context)


@login_required
@require_POST
def board_view(request: Request) -> HttpResponse:
    """Remembers whether the member looks at a table or at a gallery, and returns to the same filters."""
    view = request.POST.get("view", "")
    if view not in BOARD_VIEWS:
        messages.error(request, gettext("Choose the table or the gallery."))
    else:
        User.objects.filter(pk=request.user.pk).update(board_view=view)
    query = request.GET.urlencode()
    return redirect_to(request, f"{reverse('board')}?{query}" if query else reverse("board"))


def _context(request: Request, task: Task) -> dict[str, object]:
    may_change = access.can_edit(request.user, task)
    row, video = rows.row(task, may_change=may_change), access.video_of(task, request.GET.get("video"))
    return {
        "task": task,
        "row": row,
        "videos": video_choices.video_choices(task, video, row.href, row.content_href),
        "facts": page.facts(task, video),
        "timeline": page.timeline(task),
        "raw": page.formatted_raw(task),
        "raw_status": task.raw_http_status,
        "raw_at": task.raw_at,
        "polled_at": task.polled_at,
        "polling_line": page.polling_line(task),
        "condition_detail": page.condition_detail(task),
        "possible_ids": page.possible_ids(task),
        "may_change": may_change,
        "label_form": LabelForm(initial={"label": task.label}),
        "tags_form": TagsForm(initial={"tags": ", ".join(row.tags)}),
    }


@login_required
@require_safe
def task(request: Request, task_id: UUID) -> HttpResponse:
    cursor = TaskEvent.objects.last_cursor()
    removed = access.removed_tasks_for_editor(request.user).select_related("owner").filter(pk=task_id).first()
    if removed is not None:
        return removed_views.removed_task(request, removed)
    found = access.task_for_viewer(request.user, task_id)
    context = _context(request, found) | {"live": True, "cursor": cursor}
    context["neighbors"] = neighbors.neighbors(request, found)
    return render(request, "tasks/detail.html", context)


@login_required
@require_safe
def state(request: Request, task_id: UUID) -> HttpResponse:
    found = access.task_for_viewer(request.user, task_id)
    return render(request, "tasks/_live_parts.html", _context(request, found))


@login_required
@require_safe
def player(request: Request, task_id: UUID) -> HttpResponse:
    found = access.task_for_viewer(request.user, task_id)
    return render(request, "tasks/_player.html", _context(request, found))


@login_required
@require_safe
def theater(request: Request, task_id: UUID) -> HttpResponse:
    """Returns what the board shows above itself, instead of the task's page."""
    found = access.task_for_viewer(request.user, task_id)
    context = _context(request, found) | {"neighbors": neighbors.neighbors(request, found)}
    return render(request, "tasks/_theater.html", context)


@login_required
@require_POST
def refresh(request: Request, task_id: UUID) -> HttpResponse:
    found = access.task_for_editor(request.user, task_id)
    is_asked = actions.refresh(found)
    found = access.task_for_editor(request.user, task_id)  # 404 if it was deleted in the meantime
    if is_asked:
        messages.success(request, gettext("Checking now."))
    elif found.key is None or not usage.is_usable(found.key):
        messages.warning(request, gettext("There's no usable API key. Track the ID again with another key."))
    else:
        messages.info(request, gettext("Checked a moment ago. Wait a few seconds."))
    return redirect_back(request, reverse("task", args=[task_id]))


@login_required
@require_POST
def label(request: Request, task_id: UUID) -> HttpResponse:
    found = access.task_for_editor(request.user, task_id)
    form = LabelForm(request.POST)
    if not form.is_valid():
        context = _context(request, found) | {"live": True, "cursor": 0, "label_form": form}
        return render(request, "tasks/detail.html", context, status=422)
    if not actions.label([found], form.cleaned_data["label"]):
        access.task_for_editor(request.user, task_id)  # 404 if it was deleted in the meantime
    return redirect_back(request, reverse("task", args=[task_id]))


@login_required
@require_POST
def tags(request: Request, task_id: UUID) -> HttpResponse:
    found = access.task_for_editor(request.user, task_id)
    form = TagsForm(request.POST)
    if not form.is_valid():
        context = _context(request, found) | {"live": True, "cursor": 0, "tags_form": form}
        return render(request, "tasks/detail.html", context, status=422)
    if not actions.set_tags(found, form.cleaned_data["tags"]):
        access.task_for_editor(request.user, task_id)  # 404 if it was deleted in the meantime
    return redirect_back(request, reverse("task", args=[task_id]))


@login_required
@require_POST
def delete(request: Request, task_id: UUID) -> HttpResponse:
    """Removes the task. It can be restored for a while; `removed_views.delete` deletes it for good."""
    found = access.task_for_editor(request.user, task_id)
    count, removed_at = actions.remove([found])
    if count:
        is_billed = not found.is_terminal
        text = gettext("Task removed. Generation continues and is billed.") if is_billed else gettext("Task removed.")
        messages.success(request, text, extra_tags=removed_views.undo_href(removed_at))
    return redirect_back(request, reverse("board"))
