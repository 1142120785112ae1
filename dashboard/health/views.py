"""Alive, and ready: for whoever restarts the server, and for whoever sends it requests."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard.health import checks


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Asks nothing of anybody: a database that is away is no reason to restart the server."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
async def ready(request: HttpRequest) -> JsonResponse:
    found = await checks.run()
    return JsonResponse(found, status=200 if set(found.values()) == {"ok"} else 503)
