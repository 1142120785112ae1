"""Whom a session still stands for, asked anew: for what outlives the request that it came with."""

from importlib import import_module

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from dashboard.accounts.models import User


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
