"""What every page says to the browser: a strict content policy, no caching of pages, and the site's name."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from dashboard.web import headers

MiddlewareResponse = HttpResponseBase | Awaitable[HttpResponseBase]


def set_security_headers(response: HttpResponseBase) -> HttpResponseBase:
    """Sets the headers that a view has not set itself. Static files and videos have a Cache-Control of their own."""
    for name, value in headers.PAGE.items():
        response.headers.setdefault(name, value)
    if response.headers.get("Content-Type", "").startswith("text/html"):
        response.headers["Vary"] = ", ".join(filter(None, [response.headers.get("Vary"), "HX-Request"]))
    return response


@sync_and_async_middleware
def security_headers(
    get_response: Callable[[HttpRequest], MiddlewareResponse],
) -> Callable[[HttpRequest], MiddlewareResponse]:
    if iscoroutinefunction(get_response):

        async def respond_async(request: HttpRequest) -> HttpResponseBase:
            answer = get_response(request)
            assert not isinstance(answer, HttpResponseBase)
            return set_security_headers(await answer)

        return respond_async

    def respond(request: HttpRequest) -> HttpResponseBase:
        answer = get_response(request)
        assert isinstance(answer, HttpResponseBase)
        return set_security_headers(answer)

    return respond


def site_context(request: HttpRequest) -> dict[str, object]:
    """Returns the template variables of every page."""
    return {"SITE_NAME": settings.SITE_NAME, "VISIBILITY": settings.VISIBILITY}
