"""The language that somebody chooses: a member's in the profile, and a browser's in a cookie."""

from typing import Any, Final

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from dashboard.accounts.models import User

SESSION_KEY: Final = "language"
COOKIE_AGE: Final = 365 * 24 * 60 * 60  # seconds


@receiver(user_logged_in, dispatch_uid="language")
def apply_profile_language(request: HttpRequest, user: User, **_: Any) -> None:
    set_session_language(request, user.language)


def set_session_language(request: HttpRequest, language: str) -> None:
    """Shows this session's pages in the language; with "", in that of the browser."""
    if language:
        request.session[SESSION_KEY] = language
    else:
        request.session.pop(SESSION_KEY, None)
