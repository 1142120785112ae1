"""Error pages. They are short and plain, and never contain a stack trace."""

import sys

from django.contrib.auth.models import AnonymousUser
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop

from dashboard.database import release_connection

ERROR_TEXTS = {
    400: (gettext_noop("That request wasn't understood"), gettext_noop("Go back and try again. Nothing was changed.")),
    403: (gettext_noop("Not allowed"), gettext_noop("Your account can't open this page or do this. Admins can.")),
    405: (
        gettext_noop("Nothing was changed"),
        gettext_noop("This URL belongs to a form. Go back to the page with the form."),
    ),
    404: (gettext_noop("Page not found"), gettext_noop("It may have been deleted, or it belongs to someone else.")),
    500: (
        gettext_noop("Something went wrong"),
        gettext_noop("The error was logged. Your tasks are safe. Try again in a moment."),
    ),
    503: (gettext_noop("Database unavailable"), gettext_noop("Your data is safe. Try again in a moment.")),
}
RETRY_AFTER = 5  # seconds


def error_page(request: HttpRequest, status: int, advice: str = "") -> HttpResponse:
    title, usual_advice = ERROR_TEXTS[status]
    context = {"title": gettext(title), "advice": advice or gettext(usual_advice), "status": status}
    try:
        return render(request, "error.html", context, status=status)
    finally:
        # Django renders these pages in threads of the event loop, where nothing else closes database connections.
        release_connection()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_page(
        request, 403, advice=gettext("The page may have been open for too long. Reload it and try again.")
    )


def method_not_allowed(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """Returns a page for a browser that opens the URL of a form. `response` is the 405 with the Allow header."""
    page = error_page(request, 405)
    page.headers["Allow"] = response.headers["Allow"]
    return page


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    if not _is_database_outage(sys.exception()):
        return error_page(request, 500)
    request.user = AnonymousUser()  # reading the user needs the database, too
    page = error_page(request, 503)
    page.headers["Retry-After"] = str(RETRY_AFTER)
    return page


def _is_database_outage(error: BaseException | None) -> bool:
    """Whether the database is down, locked or full. A missing table raises the same class on SQLite, but is a bug."""
    return isinstance(error, OperationalError | InterfaceError) and "no such" not in str(error)
