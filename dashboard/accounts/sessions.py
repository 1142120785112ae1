"""How long a session lasts, and whose it is.

It ends `IDLE` after the last page was asked for, and `settings.SESSION_COOKIE_AGE` after signing in, whatever happens.
What an open page asks for by itself is no use of it: streams, videos, news of what it shows. (OWASP ASVS 7.3)
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
RENEW_INTERVAL: Final = 600  # seconds: not a write for each page
# In the session, each in seconds since the epoch.
SIGNED_IN_AT: Final = "signed_in_at"
LAST_USED_AT: Final = "used_at"

# Names of addresses that no member asks for, only pages that are open. Our scripts send a header with other requests of
# their own, as the board is fetched by both.
BACKGROUND: Final = frozenset({"shared_state", "shared_content", "task_state", "task_player", "content"})
BACKGROUND_HEADER: Final = "X-Background"
ENDED: Final = "ended"  # in the address of the sign-in page: there was a session, and it has ended

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
            response.headers["Location"] += f"&{ENDED}=on"  # Django takes the cookie away with this very response
        try:
            return super().process_response(request, response)
        except SessionInterrupted:  # Django's word for a session that could not be saved, for whatever reason
            if not renews_only:
                raise
            logger.warning("a session could not be renewed: it is gone, or the database takes no writes")
            return response


def _leads_to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response.headers["Location"].startswith(f"{reverse(settings.LOGIN_URL)}?")


def needs_renewal(session: SessionBase) -> bool:
    return bool(time.time() - session.get(LAST_USED_AT, 0) >= RENEW_INTERVAL)


def is_background(request: HttpRequest) -> bool:
    """Whether a page sent the request by itself. Requests that change something don't count as that."""
    if request.method not in ("GET", "HEAD"):
        return False
    name = request.resolver_match.url_name if request.resolver_match else None
    return name in BACKGROUND or BACKGROUND_HEADER in request.headers


def limit(session: SessionBase, *, is_use: bool) -> None:
    """Sets the expiry: `IDLE_TIMEOUT` after the last use, or the maximum age, whichever is first."""
    now = int(time.time())
    used = now if is_use else session.get(LAST_USED_AT, now)
    session[LAST_USED_AT] = used
    left = min(used + IDLE_TIMEOUT, session.setdefault(SIGNED_IN_AT, now) + settings.SESSION_COOKIE_AGE) - now
    session.set_expiry(max(1, left))  # a zero would mean: until the browser closes


@receiver(user_logged_in, dispatch_uid="sessions")
def start_session(request: HttpRequest, **_: Any) -> None:
    """Starts the session's age at this sign-in, and deletes expired sessions."""
    request.session.pop(SIGNED_IN_AT, None)
    limit(request.session, is_use=True)
    type(request.session).clear_expired()


def session_key_in(cookies: str) -> str:
    """Returns the session key from a Cookie header, or "" if it holds no valid one."""
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")
    return key if key.isascii() and key.isalnum() and len(key) <= 40 else ""


def user_of(session_key: str) -> User | None:
    """Django's own check of a session: it exists, its user is active, the password has not changed. Two queries."""
    request = HttpRequest()
    request.session = _session(session_key)
    user = auth.get_user(request)
    return user if isinstance(user, User) else None


def _session(key: str) -> SessionBase:
    store = import_module(settings.SESSION_ENGINE).SessionStore(key)
    assert isinstance(store, SessionBase)
    return store
