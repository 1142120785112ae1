"""Error pages: short, in the member's words, never a stack trace."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

PROBLEMS = {
    400: ("That request was not understood", "Go back and try again. Nothing was changed."),
    403: ("That is not allowed", "The page may have been open for too long. Reload it and try again."),
    404: ("There is nothing here", "It may have been deleted, or it belongs to somebody else."),
    500: ("Something went wrong on our side", "It has been noted. Your tasks are safe; try again in a moment."),
}


def problem(request: HttpRequest, status: int) -> HttpResponse:
    title, advice = PROBLEMS[status]
    return render(request, "problem.html", {"title": title, "advice": advice, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(request, 403)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    return problem(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return problem(request, 500)
