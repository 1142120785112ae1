"""What every page says to the browser: a strict content policy, no caching of pages, and the site's name."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

MiddlewareResponse = HttpResponseBase | Awaitable[HttpResponseBase]


def set_security_headers(response: HttpResponseBase) -> HttpResponseBase:
    """Sets the headers that a view has not set itself."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Permissions-Policy", PERMISSIONS)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    # Prompts and labels must not stay behind on a shared computer. Static files and videos say otherwise themselves.
    response.headers.setdefault("Cache-Control", "no-store")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        response.headers["Vary"] = ", ".join(filter(None, [response.headers.get("Vary"), "HX-Request"]))
    return response


@sync_and_async_middleware
def security_headers(
    get_response: Callable[[HttpRequest], MiddlewareResponse],
) -> Callable[[HttpRequest], MiddlewareResponse]:
    if iscoroutinefunction(get_response):

        async def dressed_later(request: HttpRequest) -> HttpResponseBase:
            answer = get_response(request)
            assert not isinstance(answer, HttpResponseBase)
            return set_security_headers(await answer)

        return dressed_later

    def dressed(request: HttpRequest) -> HttpResponseBase:
        answer = get_response(request)
        assert isinstance(answer, HttpResponseBase)
        return set_security_headers(answer)

    return dressed


def site_context(request: HttpRequest) -> dict[str, object]:
    """Returns the template variables of every page."""
    return {"SITE_NAME": settings.SITE_NAME, "VISIBILITY": settings.VISIBILITY}
