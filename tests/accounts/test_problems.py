"""Error pages, and the resources that they release."""

import threading
from functools import partial

from django.db import OperationalError, connection
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from dashboard.accounts.models import User
from dashboard.web import error_pages


def test_it_leaves_no_connection_behind(transactional_db: None, rf: RequestFactory) -> None:
    """Django builds error pages in threads that never end a request, so each would keep a connection of the pool."""
    alice = User.objects.create_user("alice")
    request = rf.get("/nowhere")
    request.user = SimpleLazyObject(partial(User.objects.get, pk=alice.pk))  # type: ignore[assignment]
    found: list[object] = []

    def make() -> None:
        found.append(error_pages.not_found(request, LookupError()).status_code)
        found.append(connection.connection)

    making = threading.Thread(target=make)
    making.start()
    making.join(10)
    assert found == [404, None]


def test_it_says_so_when_the_database_is_away(rf: RequestFactory) -> None:
    request = rf.get("/")
    try:
        raise OperationalError("the server closed the connection")
    except OperationalError:
        page = error_pages.server_error(request)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "Database unavailable" in page.content.decode()


def test_other_failures_are_ours(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = SimpleLazyObject(lambda: None)  # type: ignore[assignment]
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        page = error_pages.server_error(request)
    assert page.status_code == 500
    assert "Something went wrong" in page.content.decode()
