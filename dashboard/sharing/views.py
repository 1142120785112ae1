"""Share links: created and revoked on the task's page, opened by any signed-in member."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from dashboard.sharing import access, actions
from dashboard.sharing.forms import LinkForm
from dashboard.sharing.models import LINK_LIFE, ShareLink
from dashboard.tasks import access as task_access
from dashboard.tasks import bulk, rows, video_choices
from dashboard.tasks.models import Task
from dashboard.tasks.rows import Row
from dashboard.web import shown_once
from dashboard.web.request import Request, redirect_to

MOST_AT_ONCE = 50
PAGE = 50


@login_required
@require_POST
def share(request: Request, task_id: UUID) -> HttpResponse:
    task = task_access.task_for_editor(request.user, task_id)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _links(request, task, form=form)
    try:
        new_link = _create_link(request, task, form.life, form.cleaned_data["name"])
    except Task.DoesNotExist:
        raise Http404("It was deleted a moment ago.") from None
    if request.htmx:
        return _links(request, task, new_link=new_link)
    shown_once.keep(request, f"link.{task.pk}", new_link)
    return redirect("task_links", task_id=task.pk)


def _create_link(request: Request, task: Task, life: timedelta | None = LINK_LIFE, name: str = "") -> str:
    """Returns the URL of a new share link. Raises Task.DoesNotExist."""
    _, token = actions.share(task, request.user, life=life, name=name)
    return request.build_absolute_uri(reverse("shared", args=[token]))


@login_required
@require_safe
def links(request: Request, task_id: UUID) -> HttpResponse:
    task = task_access.task_for_editor(request.user, task_id)
    return _links(request, task, new_link=str(shown_once.take(request, f"link.{task.pk}") or ""))


def _links(request: Request, task: Task, new_link: str = "", form: LinkForm | None = None) -> HttpResponse:
    context = {
        "task_id": task.pk,
        "row": rows.row(task),
        "links": list(access.links_of_task(request.user, task.pk)),
        "new_link": new_link,
        "form": form or LinkForm(),
    }
    template = "sharing/_links.html" if request.htmx else "sharing/links.html"
    return render(request, template, context, status=422 if form else 200)


@login_required
@require_POST
def revoke(request: Request, link_id: UUID) -> HttpResponse:
    link = access.link_for_editor(request.user, link_id)
    actions.revoke(link)
    task = task_access.task_for_editor(request.user, link.task_id)
    if request.htmx:
        return _links(request, task)
    messages.success(request, gettext("Link revoked."))
    return redirect_to(request, reverse("task_links", args=[task.pk]))


@login_required
@require_POST
def bulk_share(request: Request) -> HttpResponse:
    tasks = list(bulk.selected_tasks(request.user, request.POST)[: MOST_AT_ONCE + 1])
    if len(tasks) > MOST_AT_ONCE:
        text = ngettext(
            "You can share up to %(count)s video at a time. Select fewer.",
            "You can share up to %(count)s videos at a time. Select fewer.",
            MOST_AT_ONCE,
        )
        messages.error(request, text % {"count": MOST_AT_ONCE})
        return redirect_to(request, reverse("board"))
    made = []
    for task in tasks:
        with suppress(Task.DoesNotExist):
            made.append((str(task.pk), _create_link(request, task)))
    shown_once.keep(request, "links", made)
    return redirect("new_links")


@login_required
@require_safe
def new_links(request: Request) -> HttpResponse:
    """Shows the links that were just created, once."""
    kept = shown_once.take(request, "links")
    if not isinstance(kept, list):
        return redirect("board")
    links = {UUID(task_id): url for task_id, url in kept}
    tasks = Task.objects.visible_to(request.user).filter(pk__in=links).for_rows()
    made = [(rows.row(task), links[task.pk]) for task in tasks]
    return render(request, "sharing/bulk.html", {"made": made})


@login_required
@require_safe
def shared_with_me(request: Request) -> HttpResponse:
    """Lists the videos behind the links that the member has opened and that still work."""
    page = Paginator(access.links_opened_by(request.user), PAGE).get_page(request.GET.get("page"))
    openings = list(page.object_list)
    tasks = Task.objects.filter(pk__in=[opening.link.task_id for opening in openings]).for_rows().in_bulk()
    found = [(opening, rows.row(tasks[opening.link.task_id])) for opening in openings if opening.link.task_id in tasks]
    return render(request, "sharing/with_me.html", {"page": page, "found": found})


@login_required
@require_safe
def shared(request: Request, token: str) -> HttpResponse:
    try:
        link = access.link_for_member(request.user.pk, token)
    except access.LinkGone:
        return render(request, "sharing/expired.html", status=410)
    if request.method == "GET":  # HEAD doesn't show the page to anyone; programs use it to check links
        actions.note_use(link, request.user)
    return render(request, "sharing/shared.html", _shared(request, link, token))


@login_required
@require_safe
def shared_state(request: Request, token: str) -> HttpResponse:
    try:
        link = access.link_for_member(request.user.pk, token)
    except access.LinkGone:
        return HttpResponseClientRefresh()  # reloads, and shows the "expired" page
    context = _shared(request, link, token)
    if link.task.is_terminal and request.GET.get("shown") == context["shown"]:
        return HttpResponse(status=204)  # don't interrupt a player that may be playing
    return render(request, "sharing/_shared_update.html", context)


def _shared(request: Request, link: ShareLink, token: str) -> dict[str, object]:
    row, video = _row(link.task, token), task_access.video_of(link.task, request.GET.get("video"))
    videos = video_choices.video_choices(link.task, video, row.href, row.content_href)
    shown = f"{row.status}.{row.is_playable}"
    return {"row": row, "videos": videos, "link": link, "token": token, "shown": shown, "live": True}


def _row(task: Task, token: str) -> Row:
    """Returns the row as someone with the link sees it. All of its URLs work with the link."""
    content = reverse("shared_content", args=[token])
    page = reverse("shared", args=[token])
    row = rows.row(task, may_change=False)
    return replace(
        row,
        href=page,
        content_href=content,
        download_href=f"{content}?download=1",
        poster_href=row.poster_href.replace(row.href, page, 1),
        storyboard_href=row.storyboard_href.replace(row.href, page, 1),
    )
