"""The request as our views see it: signed in, and knowing whether htmx asks."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from dashboard.accounts.models import User


class Request(HttpRequest):
    user: "User"  # type: ignore[assignment]  # every view that takes a Request stands behind login_required
    htmx: "HtmxDetails"
