"""How long a session lasts, and whom it still stands for.

It ends `IDLE` after the last page was asked for, and `settings.SESSION_COOKIE_AGE` after signing in, whatever happens.
A stream or a film that flows is no use of it. (OWASP ASVS 7.3)
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
from django.http import HttpRequest, HttpResponse

from dashboard.accounts.models import User

IDLE: Final = 12 * 3600  # seconds
RENEW_EVERY: Final = 600  # seconds: not a write for each page
# In the session, each in seconds since the epoch.
SIGNED_IN: Final = "signed_in_at"
USED: Final = "used_at"

logger = logging.getLogger(__name__)


class LimitedSessions(SessionMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = request.session
        renews_only = not session.modified
        if session.accessed and auth.SESSION_KEY in session and (session.modified or is_due(session)):
            renew(session)
        try:
            return super().process_response(request, response)
        except SessionInterrupted:  # Django's word for a session that could not be saved, for whatever reason
            if not renews_only:
                raise
            logger.warning("a session could not be renewed: it is gone, or the database takes no writes")
            return response


def is_due(session: SessionBase) -> bool:
    return bool(time.time() - session.get(USED, 0) >= RENEW_EVERY)


def renew(session: SessionBase) -> None:
    """Has it end `IDLE` from now, or when its time since signing in is over."""
    now = int(time.time())
    left = session.setdefault(SIGNED_IN, now) + settings.SESSION_COOKIE_AGE - now
    session[USED] = now
    session.set_expiry(max(1, min(IDLE, left)))  # a zero would mean: until the browser closes


@receiver(user_logged_in, dispatch_uid="sessions")
def begin(request: HttpRequest, **_: Any) -> None:
    """Counts from this sign-in, and sweeps up what has ended."""
    request.session.pop(SIGNED_IN, None)
    renew(request.session)
    type(request.session).clear_expired()


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
