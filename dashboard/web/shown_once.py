"""Secrets that a page shows once. The session stores them between the POST that creates them and the page.

This way, every POST can end in a redirect. Reloading the page doesn't create another secret, and no longer shows the
first one. They are encrypted in the session, because the database must not contain working links.
"""

import base64
import hashlib
import json
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.http import HttpRequest

_KEPT_FOR: Final = 300  # seconds; after that, the secret is no longer shown


def keep(request: HttpRequest, name: str, value: object) -> None:
    """Stores `value`, which must be JSON serializable."""
    request.session[_key(name)] = _fernet().encrypt(json.dumps(value).encode()).decode()


def take(request: HttpRequest, name: str) -> object:
    """Removes and returns the value, or returns None if there is none. HEAD requests show nothing, so they get None."""
    if request.method != "GET":
        return None
    try:
        kept = _fernet().decrypt(request.session.pop(_key(name), ""), ttl=_KEPT_FOR)
    except InvalidToken:
        return None
    value: object = json.loads(kept)
    return value


def _fernet() -> Fernet:
    digest = hashlib.sha256(b"dashboard.web.shown_once" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def _key(name: str) -> str:
    return f"shown_once.{name}"
