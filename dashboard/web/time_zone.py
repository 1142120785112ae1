"""Selects the time zone of a page's times: the member's, otherwise UTC."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.decorators import sync_and_async_middleware

from dashboard.accounts.member_time_zone import session_time_zone
from dashboard.web.language import CATALOGS

MiddlewareResponse = HttpResponseBase | Awaitable[HttpResponseBase]


def activate_time_zone(request: HttpRequest) -> timezone.override:
    # Catalogs are the same for everybody, and reading a session makes a response depend on its cookie.
    return timezone.override(None if request.path.startswith(CATALOGS) else session_time_zone(request))


@sync_and_async_middleware
def member_time_zone(
    get_response: Callable[[HttpRequest], MiddlewareResponse],
) -> Callable[[HttpRequest], MiddlewareResponse]:
    if iscoroutinefunction(get_response):

        async def respond_async(request: HttpRequest) -> HttpResponseBase:
            with activate_time_zone(request):
                answer = get_response(request)
                assert not isinstance(answer, HttpResponseBase)
                response: HttpResponseBase = await answer
                return response

        return respond_async

    def respond(request: HttpRequest) -> HttpResponseBase:
        with activate_time_zone(request):
            answer = get_response(request)
            assert isinstance(answer, HttpResponseBase)
            return answer

    return respond
