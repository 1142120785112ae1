"""Selects the language of a page: the member's, else the one chosen in this browser, else the browser's.

Also that of the short texts that are sent before Django's middleware has seen the request.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, parse_cookie
from django.http.response import HttpResponseBase
from django.middleware import locale
from django.utils import translation

from dashboard.accounts.member_language import SESSION_KEY

CATALOGS: Final = "/translations/"


class LocaleMiddleware(locale.LocaleMiddleware):
    """Sets language headers on HTML responses only. Videos, files and redirects are the same in every language."""

    def process_request(self, request: HttpRequest) -> None:
        # These are the same for everybody, and reading a session makes a response depend on its cookie.
        chosen = None if request.path.startswith(CATALOGS) else request.session.get(SESSION_KEY)
        if chosen not in dict(settings.LANGUAGES):
            super().process_request(request)
            return
        translation.activate(chosen)
        request.LANGUAGE_CODE = chosen

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


def text_for_scope(text: str, scope: Mapping[str, Any]) -> str:
    """Returns the text in the language of a request that Django's middleware hasn't seen. `scope` is ASGI's."""
    request = HttpRequest()
    request.COOKIES = parse_cookie(_header(scope, b"cookie", "; "))
    request.META["HTTP_ACCEPT_LANGUAGE"] = _header(scope, b"accept-language", ",")
    with translation.override(translation.get_language_from_request(request)):
        return translation.gettext(text)


def _header(scope: Mapping[str, Any], wanted: bytes, separator: str) -> str:
    return separator.join(value.decode("latin-1") for name, value in scope.get("headers", ()) if name == wanted)
