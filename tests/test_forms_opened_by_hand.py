"""The URL of a form, opened directly (after a reload or from the history), shows one of our pages."""

import pytest
from django.test import Client

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize("path", ["/people/invite", "/keys/add", "/tasks/bulk/delete", "/tasks/bulk/tag"])
def test_it_says_what_the_address_is_for(as_ada: Client, path: str) -> None:
    answer = as_ada.get(path, headers=BROWSER)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    page = answer.content.decode()
    assert "Nothing was changed" in page
    assert 'href="/"' in page


def test_scripts_get_the_bare_answer(as_ada: Client) -> None:
    assert as_ada.get("/keys/add").content == b""


def test_a_member_learns_that_a_page_is_for_admins(as_alice: Client) -> None:
    page = as_alice.get("/people/").content.decode()
    assert "Admins can" in page
    assert "open for too long" not in page
