"""Secrets that a page shows once: kept in the session between the request that made them and the page that shows them.

So every POST ends in a redirect: loading the page again makes no second secret, and shows the first one no more. The
database of sessions holds them encrypted, as it is to hold no link that works.
"""

import base64
import hashlib
import json
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.http import HttpRequest

_KEPT_FOR: Final = 300  # seconds; what nobody has looked at by then is not shown any more


def keep(request: HttpRequest, name: str, value: object) -> None:
    """`value` as JSON can hold it."""
    request.session[_key(name)] = _fernet().encrypt(json.dumps(value).encode()).decode()


def take(request: HttpRequest, name: str) -> object:
    """None if there is nothing to show. A HEAD request shows nothing, and so takes nothing."""
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
