"""Middleware for security headers and 405 pages, and the context processor for template variables."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from dashboard.web import error_pages, headers, translations

MiddlewareResponse = HttpResponseBase | Awaitable[HttpResponseBase]


def set_security_headers(response: HttpResponseBase) -> HttpResponseBase:
    """Sets the headers that the view hasn't set. Static files and videos set their own Cache-Control."""
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


def _opened_by_hand(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether this is a 405 that a browser would show as a page."""
    return response.status_code == 405 and request.method == "GET" and "text/html" in request.headers.get("Accept", "")


@sync_and_async_middleware
def method_not_allowed(
    get_response: Callable[[HttpRequest], MiddlewareResponse],
) -> Callable[[HttpRequest], MiddlewareResponse]:
    """Replaces an empty 405 response with our error page."""
    if iscoroutinefunction(get_response):

        async def respond_async(request: HttpRequest) -> HttpResponseBase:
            answer = get_response(request)
            assert not isinstance(answer, HttpResponseBase)
            response: HttpResponseBase = await answer
            if _opened_by_hand(request, response):
                response = await sync_to_async(error_pages.method_not_allowed)(request, response)
            return response

        return respond_async

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        assert isinstance(response, HttpResponseBase)
        return error_pages.method_not_allowed(request, response) if _opened_by_hand(request, response) else response

    return respond


def site_context(request: HttpRequest) -> dict[str, object]:
    """Returns the template variables for every page."""
    return {
        "SITE_NAME": settings.SITE_NAME,
        "VISIBILITY": settings.VISIBILITY,
        "LANGUAGES": settings.LANGUAGES,  # Django's tag translates their names
        "TRANSLATIONS_HREF": translations.module_href(),
    }
