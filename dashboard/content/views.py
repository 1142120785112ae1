"""The videos of a task and their pictures, for members who may see the task or have a share link to it."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, cast
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from dashboard.accounts.models import User
from dashboard.content import pictures, playback, problems
from dashboard.sharing import access as link_access
from dashboard.tasks import access
from dashboard.tasks.media_info import PictureKind
from dashboard.tasks.models import Video

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def from_our_pages(view: View) -> View:
    """Rejects requests from other sites' pages, so that they can't embed our videos or probe for them."""

    @wraps(view)
    async def checked(request: HttpRequest, **captured: object) -> HttpResponseBase:
        # Browsers always send this header; players and scripts outside of a browser don't.
        if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):  # guard: content-is-same-site
            return problems.page(request, problems.ELSEWHERE)
        return await view(request, **captured)

    return checked


@csrf_exempt  # read-only, and a POST should get a 405
@require_safe
@from_our_pages
@login_required
async def content(request: HttpRequest, task_id: UUID) -> HttpResponseBase:
    viewer = cast(User, await request.auser())

    def find(viewer: User) -> Video:
        return _video_of_task(viewer, task_id, request)

    return await playback.serve(request, viewer, await sync_to_async(find)(viewer), find)


@csrf_exempt  # read-only, and a POST should get a 405
@require_safe
@from_our_pages
@login_required
async def shared_content(request: HttpRequest, token: str) -> HttpResponseBase:
    viewer = cast(User, await request.auser())

    def find(viewer: User) -> Video:
        return _video_of_link(viewer, token, request)

    return await playback.serve(request, viewer, await sync_to_async(find)(viewer), find)


@require_safe
@from_our_pages
@login_required
async def picture(request: HttpRequest, task_id: UUID, kind: PictureKind) -> HttpResponseBase:
    viewer = cast(User, await request.auser())

    def respond() -> HttpResponseBase:
        return pictures.respond(request, _video_of_task(viewer, task_id, request), kind)

    return await sync_to_async(respond)()


@require_safe
@from_our_pages
@login_required
async def shared_picture(request: HttpRequest, token: str, kind: PictureKind) -> HttpResponseBase:
    viewer = cast(User, await request.auser())

    def respond() -> HttpResponseBase:
        return pictures.respond(request, _video_of_link(viewer, token, request), kind)

    return await sync_to_async(respond)()


def _video_of_task(viewer: User, task_id: UUID, request: HttpRequest) -> Video:
    return access.video_of(access.task_for_viewer(viewer, task_id), request.GET.get("video"))


def _video_of_link(viewer: User, token: str, request: HttpRequest) -> Video:
    return access.video_of(link_access.link_for_member(viewer.pk, token).task, request.GET.get("video"))
