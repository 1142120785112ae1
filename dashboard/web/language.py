"""Selects the language of a page: the member's, else the one chosen in this browser, else the browser's."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware import locale
from django.utils import translation

from dashboard.accounts.member_language import SESSION_KEY


class LocaleMiddleware(locale.LocaleMiddleware):
    """Sets language headers on HTML responses only. Videos, files and redirects are the same in every language."""

    def process_request(self, request: HttpRequest) -> None:
        chosen = request.session.get(SESSION_KEY)
        if chosen not in dict(settings.LANGUAGES):
            super().process_request(request)
            return
        translation.activate(chosen)
        request.LANGUAGE_CODE = chosen

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
