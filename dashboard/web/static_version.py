"""Removes the version from a static file's URL, sets how long the file may be cached, and compresses it.

A URL with another version returns this version's file, but uncached. During a rolling deployment, a page from one
server may request its styles from another.
"""

import re
from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from dashboard.static_files import PREFIX, VERSION_LENGTH
from dashboard.web.compression import compressed_file, is_compressed_file

_VERSIONED = re.compile(rf"{PREFIX}([0-9a-f]{{{VERSION_LENGTH}}})/(.+)")
FOREVER = "public, max-age=31536000, immutable"


def _strip(request: HttpRequest) -> str:
    """Removes the version from the request's path. Returns the version, or "" if there is none."""
    found = _VERSIONED.fullmatch(request.path_info)
    if not found:
        return ""
    request.path_info = request.path = PREFIX + found[2]
    return found[1]


def _set_caching(response: HttpResponseBase, version: str) -> HttpResponseBase:
    if version and response.status_code in {200, 206, 304}:
        response.headers["Cache-Control"] = FOREVER if version == settings.STATIC_VERSION else "no-store"
    return response


@sync_and_async_middleware
def static_version(
    get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    if iscoroutinefunction(get_response):

        async def respond_async(request: HttpRequest) -> HttpResponseBase:
            version = _strip(request)
            answer = get_response(request)
            assert not isinstance(answer, HttpResponseBase)
            response = _set_caching(await answer, version)
            if version == settings.STATIC_VERSION != "" and is_compressed_file(request, response):
                return await compressed_file(request, response)
            return response

        return respond_async

    def respond(request: HttpRequest) -> HttpResponseBase:
        version = _strip(request)
        answer = get_response(request)
        assert isinstance(answer, HttpResponseBase)
        return _set_caching(answer, version)

    return respond
