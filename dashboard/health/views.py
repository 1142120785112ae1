"""Views for liveness and readiness checks, and for metrics."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from dashboard.health import checks, metrics_access, prometheus
from dashboard.health.snapshot import reader


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Doesn't check any dependencies: a database outage is no reason to restart the server."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
async def readyz(request: HttpRequest) -> JsonResponse:
    readiness = await checks.run()
    return JsonResponse({"status": readiness.status, **readiness.checks}, status=200 if readiness.is_ready else 503)


@never_cache
@require_safe
async def prometheus_metrics(request: HttpRequest) -> HttpResponse:
    if not metrics_access.can_read_metrics(request):
        raise Http404
    return HttpResponse(prometheus.text(await reader.latest()), content_type=CONTENT_TYPE_LATEST)
