"""Limits how long a session lasts, and finds its user.

A session ends `IDLE_TIMEOUT` after the last page request, and `settings.SESSION_COOKIE_AGE` after sign-in in any case.
Requests that an open page sends by itself (streams, videos, updates) don't extend it. See OWASP ASVS 7.3.
"""

import logging
import time
from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.urls import reverse

from dashboard.accounts.models import User

IDLE_TIMEOUT: Final = 12 * 3600  # seconds
RENEW_INTERVAL: Final = 600  # seconds; avoids a database write per page
# Keys in the session. The values are in seconds since the epoch.
SIGNED_IN_AT: Final = "signed_in_at"
LAST_USED_AT: Final = "used_at"

# Names of URLs that open pages request by themselves. For URLs that members request too, such as the board, our scripts
# send a header instead.
BACKGROUND: Final = frozenset({
    *("task_state", "task_player", "content", "poster", "storyboard"),
    *("shared_state", "shared_content", "shared_poster", "shared_storyboard"),
})  # fmt: skip
BACKGROUND_HEADER: Final = "X-Background"
ENDED: Final = "ended"  # query parameter of the sign-in page: there was a session, and it has ended

logger = logging.getLogger(__name__)


class IdleTimeoutSessionMiddleware(SessionMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = request.session
        renews_only = not session.modified
        is_use = not is_background(request)
        if (
            session.accessed
            and auth.SESSION_KEY in session
            and (session.modified or (is_use and needs_renewal(session)))
        ):
            limit(session, is_use=is_use)
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and _leads_to_sign_in(response):
            response.headers["Location"] += f"&{ENDED}=on"  # Django deletes the cookie in this response
        try:
            return super().process_response(request, response)
        except SessionInterrupted:  # Django raises this if a session can't be saved, for whatever reason
            if not renews_only:
                raise
            logger.warning("a session could not be renewed: it is gone, or the database takes no writes")
            return response


def _leads_to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response.headers["Location"].startswith(f"{reverse(settings.LOGIN_URL)}?")


def needs_renewal(session: SessionBase) -> bool:
    return bool(time.time() - session.get(LAST_USED_AT, 0) >= RENEW_INTERVAL)


def is_background(request: HttpRequest) -> bool:
    """Whether a page sent the request by itself. Always False for requests that change something."""
    if request.method not in ("GET", "HEAD"):
        return False
    name = request.resolver_match.url_name if request.resolver_match else None
    return name in BACKGROUND or BACKGROUND_HEADER in request.headers


def limit(session: SessionBase, *, is_use: bool) -> None:
    """Sets the session to expire `IDLE_TIMEOUT` after the last use or at the maximum age, whichever comes first."""
    now = int(time.time())
    used = now if is_use else session.get(LAST_USED_AT, now)
    session[LAST_USED_AT] = used
    left = min(used + IDLE_TIMEOUT, session.setdefault(SIGNED_IN_AT, now) + settings.SESSION_COOKIE_AGE) - now
    session.set_expiry(max(1, left))  # 0 would mean "until the browser closes"


@receiver(user_logged_in, dispatch_uid="sessions")
def start_session(request: HttpRequest, **_: Any) -> None:
    """Counts the session's age from this sign-in, and deletes expired sessions."""
    request.session.pop(SIGNED_IN_AT, None)
    limit(request.session, is_use=True)
    type(request.session).clear_expired()


def session_key_in(cookies: str) -> str:
    """Returns the session key from a Cookie header, or "" if there is no valid one."""
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")
    return key if key.isascii() and key.isalnum() and len(key) <= 40 else ""


def user_of(session_key: str) -> User | None:
    """Returns the session's user, or None.

    Uses Django's own check: the session exists, the user is active, the password hasn't changed. Runs two queries.
    """
    request = HttpRequest()
    request.session = _session(session_key)
    user = auth.get_user(request)
    return user if isinstance(user, User) else None


def _session(key: str) -> SessionBase:
    store = import_module(settings.SESSION_ENGINE).SessionStore(key)
    assert isinstance(store, SessionBase)
    return store
