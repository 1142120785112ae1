"""The view for the translations of the scripts."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.web.static_version import FOREVER
from dashboard.web.translations import module_in


@require_safe
def js_catalog(request: HttpRequest, language: str) -> HttpResponse:
    """Returns the module with the translations. Like a static file, it may be cached forever under its version."""
    module = module_in(language)
    if not module:
        raise Http404
    is_versioned = request.GET.get("v") == module.version
    caching = {"Cache-Control": FOREVER if is_versioned else "no-cache"}
    return HttpResponse(module.source, content_type="text/javascript; charset=utf-8", headers=caching)
