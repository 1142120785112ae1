"""The table and the gallery: two looks of the same board, chosen by each member."""

from django.test import Client

from dashboard.accounts.models import User
from tests.support.tasks import store_task


def test_the_choice_is_remembered_for_the_member(as_alice: Client, as_bob: Client, alice: User) -> None:
    store_task(owner=alice, upstream_id="task-1")
    assert '<row-selection class="table">' in as_alice.get("/").content.decode()
    answer = as_alice.post("/view?status=failed&q=fox", {"view": "gallery"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?status=failed&q=fox")
    for headers in ({}, {"HX-Request": "true"}):
        page = as_alice.get("/", headers=headers).content.decode()
        assert '<row-selection class="gallery">' in page
        assert 'data-task-id="task-1"' in page
    store_task(owner=User.objects.get(username="bob"), upstream_id="task-2")
    assert '<row-selection class="table">' in as_bob.get("/").content.decode()


def test_another_view_changes_nothing(as_alice: Client, alice: User) -> None:
    for view in ("", "list", "gallery\x00", "g" * 500):
        assert as_alice.post("/view", {"view": view}).status_code == 302
    alice.refresh_from_db()
    assert alice.board_view == "table"
    assert "Choose the table or the gallery." in as_alice.get("/").content.decode()


def test_a_filter_leads_to_no_other_site(as_alice: Client) -> None:
    answer = as_alice.post("/view?next=//evil.example", {"view": "table"})
    assert answer.headers["Location"].startswith("/?")
