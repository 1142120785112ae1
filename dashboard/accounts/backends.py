"""Checks usernames and passwords. Every attempt computes one hash, so timing doesn't reveal which usernames exist."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from dashboard.accounts.models import User


def account_of(login: str) -> User | None:
    """Returns the account with this email address or, if there is none, with this username. Ignores case."""
    by_email = User.objects.filter(email__iexact=login).order_by("-is_active", "pk")
    by_name = User.objects.filter(username__iexact=login)
    # Always reads both, and compares again in Python, because `iexact` differs between databases.
    emails = [user for user in by_email if user.email and user.email.lower() == login.lower()]
    names = [user for user in by_name if user.username.lower() == login.lower()]
    if emails:
        return emails[0]
    return names[0] if len(names) == 1 else None


class PasswordBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        password = str(credentials.get("password") or "")
        user = account_of(login_in(credentials))
        if user is None:
            User().set_password(password)
            return None
        is_right = user.check_password(password)
        return user if is_right and self.user_can_authenticate(user) else None


def login_in(credentials: dict[str, Any]) -> str:
    """Returns the login as typed. allauth passes an email address as both arguments, any other login as one of them."""
    return str(credentials.get("username") or credentials.get("email") or "")
