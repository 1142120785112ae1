"""Limits allauth to sign-in. Signing up requires an invitation."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from dashboard.accounts import throttle
from dashboard.accounts.backends import account_of, login_in
from dashboard.accounts.forms import too_many_failures
from dashboard.accounts.models import User

MISMATCH = _("Wrong username or password.")


class InvitationOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": MISMATCH,
        "email_password_mismatch": MISMATCH,
        "enter_current_password": _("Enter your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Always returns False. Nothing uses allauth's JSON responses, and they echo every field, even passwords."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Allows relative URLs only. Even on an allowed host, another port or scheme is a different site."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Treats a deactivated account like a wrong password, so that the response doesn't confirm a correct one."""
        login = login_in(credentials)
        try:
            attempt = throttle.begin(request, login, account_of(login))
        except throttle.Throttled as throttled:
            raise too_many_failures(throttled.retry_after) from throttled
        user = super().authenticate(request, **credentials)
        if isinstance(user, User) and user.is_active:
            attempt.succeeded()
            return user
        attempt.failed()
        return None
