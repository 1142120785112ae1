"""The time zone that a member chooses in the profile, for times that are formatted on the server.

Scripts format times in the browser's time zone, so the choice is for browsers without them, and for sentences.
"""

import re
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from dashboard.accounts.models import User

SESSION_KEY: Final = "time_zone"
# Without old names such as `US/Eastern`, and those that only mean an offset.
_CITY: Final = re.compile(r"(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/\S+|UTC")


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Returns the names of all time zones, such as `Asia/Shanghai`; none if the system has no time zone database."""
    return tuple(sorted(filter(_CITY.fullmatch, available_timezones())))


@receiver(user_logged_in, dispatch_uid="time_zone")
def apply_profile_time_zone(request: HttpRequest, user: User, **_: Any) -> None:
    set_session_time_zone(request, user.time_zone)


def set_session_time_zone(request: HttpRequest, name: str | None) -> None:
    """Formats the times of this session's pages in the time zone; without one, in UTC."""
    if name:
        request.session[SESSION_KEY] = name
    else:
        request.session.pop(SESSION_KEY, None)


def session_time_zone(request: HttpRequest) -> ZoneInfo | None:
    """Returns None if none was chosen, or if the system no longer knows it."""
    name = request.session.get(SESSION_KEY)
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
