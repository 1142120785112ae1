"""Devices on which a member has signed in before, recorded in a signed cookie.

The cookie is a random id followed by one signature for each account that has signed in there: over the id, the account
and its password's hash. So it works for those accounts alone, names none of them, and ends with the password.
"""

import secrets
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from dashboard.accounts.models import User

LIFE: Final = 400 * 24 * 3600  # seconds; browsers keep no cookie for longer
MOST_ACCOUNTS: Final = 5  # on one device, the latest ones
SEPARATOR: Final = "."
SALT: Final = "dashboard.accounts.devices"


def known(request: HttpRequest, user: User) -> str:
    """Returns the device's ID if this account has signed in there since its password was set, or ""."""
    device, signatures = _read(request)
    return device if device and _is_among(_signature(device, user), signatures) else ""


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Sets the cookie that says that this account has signed in here."""
    device, signatures = _read(request)
    device = device or secrets.token_urlsafe(16)
    mine = _signature(device, user)
    kept = [mine, *(one for one in signatures if one != mine)][:MOST_ACCOUNTS]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        SEPARATOR.join([device, *kept]),
        max_age=LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    device, *signatures = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "").split(SEPARATOR)
    return (device, signatures[:MOST_ACCOUNTS]) if len(device) == 22 and device.isascii() else ("", [])


def _is_among(mine: str, signatures: list[str]) -> bool:
    return any(constant_time_compare(mine, one) for one in signatures)


def _signature(device: str, user: User) -> str:
    return salted_hmac(SALT, f"{device}:{user.pk}:{user.password}", algorithm="sha256").hexdigest()[:32]
