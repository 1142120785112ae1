"""Known devices: browsers that have signed in to an account before. A signed cookie records this.

The cookie holds a random device ID and one signature per account that has signed in there. A signature covers the ID,
the account and its password hash. So the cookie works for those accounts only, doesn't reveal which ones they are, and
becomes invalid when the password changes.
"""

import secrets
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from dashboard.accounts.models import User

LIFE: Final = 400 * 24 * 3600  # seconds; the maximum that browsers allow for a cookie
MOST_ACCOUNTS: Final = 5  # per device; the most recent ones
SEPARATOR: Final = "."
SALT: Final = "dashboard.accounts.devices"


def known(request: HttpRequest, user: User) -> str:
    """Returns the device's ID if the account has signed in there with its current password, else ""."""
    device, signatures = _read(request)
    return device if device and _is_among(_signature(device, user), signatures) else ""


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Sets the cookie that records that this account has signed in on this device."""
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
