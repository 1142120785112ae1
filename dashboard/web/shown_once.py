"""Secrets that a page shows once: kept in the session between the request that made them and the page that shows them.

So every POST ends in a redirect: loading the page again makes no second secret, and shows the first one no more.
"""

import time
from typing import Final

from django.http import HttpRequest

_KEPT_FOR: Final = 300.0  # seconds; what nobody has looked at by then is not shown any more


def keep(request: HttpRequest, name: str, value: object) -> None:
    """`value` as JSON can hold it."""
    request.session[_key(name)] = [time.time(), value]


def take(request: HttpRequest, name: str) -> object:
    """None if there is nothing to show. A HEAD request shows nothing, and so takes nothing."""
    if request.method != "GET":
        return None
    kept_at, value = request.session.pop(_key(name), (0.0, None))
    return value if time.time() - kept_at < _KEPT_FOR else None


def _key(name: str) -> str:
    return f"shown_once.{name}"
