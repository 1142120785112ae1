"""Filters of the board that members save under a name."""

import pytest
from django.test import Client

from dashboard.accounts.models import User
from dashboard.tasks import filter_views
from dashboard.tasks.models import SavedFilter, Task


def save(client: Client, query: str, name: str = "Failed today") -> str:
    return client.post("/filters", {"query": query, "name": name}, follow=True).content.decode()


def test_one_is_saved_offered_and_deleted(as_alice: Client, alices_task: Task) -> None:
    page = save(as_alice, "status=failed&since=1d")
    assert "Filter saved." in page
    saved = SavedFilter.objects.get()
    assert saved.query == "status=failed&since=1d"
    assert 'href="/?status=failed&amp;since=1d"' in as_alice.get("/").content.decode()
    page = as_alice.post(f"/filters/{saved.pk}/delete", {"query": saved.query}, follow=True).content.decode()
    assert "Filter deleted." in page
    assert "Failed today" not in page


def test_a_name_that_is_taken_replaces_the_filter(as_alice: Client) -> None:
    save(as_alice, "status=failed")
    save(as_alice, "status=completed")
    assert [saved.query for saved in SavedFilter.objects.all()] == ["status=completed"]


@pytest.mark.parametrize(
    ("query", "name", "problem"),
    [
        ("", "All", "nothing to save"),
        ("nonsense=1", "All", "nothing to save"),
        ("status=failed", " ", "Enter a name of up to 40 characters."),
        ("status=failed", "x" * 41, "Enter a name of up to 40 characters."),
        ("status=failed", "sk-proj-0123456789abcdefghijklmnop", "looks like an API key"),
    ],
)
def test_what_is_wrong_is_said(as_alice: Client, query: str, name: str, problem: str) -> None:
    assert problem in save(as_alice, query, name)
    assert not SavedFilter.objects.exists()


def test_only_known_filters_are_kept(as_alice: Client) -> None:
    save(as_alice, 'status=failed&after=1_2&x="><script>&owner=all')
    assert SavedFilter.objects.get().query == "status=failed"


def test_there_is_a_limit(as_alice: Client, alice: User) -> None:
    SavedFilter.objects.bulk_create(
        SavedFilter(owner=alice, name=f"Filter {number}", query="status=failed") for number in range(filter_views.MOST)
    )
    assert "up to 20 filters" in save(as_alice, "status=failed")
    assert "Filter saved." in save(as_alice, "status=queued", name="Filter 3")


def test_those_of_others_are_neither_seen_nor_deleted(as_alice: Client, as_bob: Client) -> None:
    save(as_alice, "status=failed")
    assert "Failed today" not in as_bob.get("/?status=failed").content.decode()
    assert as_bob.post(f"/filters/{SavedFilter.objects.get().pk}/delete").status_code == 404
    assert SavedFilter.objects.exists()
