"""Selects the language of a page."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware import locale


class LocaleMiddleware(locale.LocaleMiddleware):
    """Sets language headers on HTML responses only. Videos, files and redirects are the same in every language."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
