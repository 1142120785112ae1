"""Pages are compressed, except those that show a secret."""

import gzip

import pytest
from django.test import Client

from dashboard.accounts.models import User
from dashboard.sharing import actions as sharing_actions
from dashboard.tasks.models import Task

GZIP = {"Accept-Encoding": "gzip, br"}


def test_the_board_is_compressed(as_alice: Client, alices_task: Task) -> None:
    answer = as_alice.get("/", headers=GZIP)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    page = gzip.decompress(answer.content).decode()
    assert f'id="task-{alices_task.pk}"' in page
    assert len(answer.content) < len(page) / 3


def test_its_length_tells_nothing_exact(as_alice: Client) -> None:
    """The CSRF token is masked and bytes are added, so the same page has many lengths."""
    assert len({len(as_alice.get("/", headers=GZIP).content) for _ in range(20)}) > 5


@pytest.mark.parametrize("path", ["/", "/tasks/create", "/removed"])
def test_a_browser_that_takes_none_gets_none(as_alice: Client, path: str) -> None:
    assert "Content-Encoding" not in as_alice.get(path).headers


def test_pages_that_may_show_a_secret_are_not(as_ada: Client, as_bob: Client, alice: User, alices_task: Task) -> None:
    _, token = sharing_actions.share(alices_task, alice)
    as_ada.post("/people/invite")
    for client, path in [
        (as_ada, "/people/"),
        (as_ada, "/keys/"),
        (as_ada, f"/tasks/{alices_task.pk}/links"),
        (as_bob, f"/s/{token}"),
        (as_bob, "/shared"),
        (as_bob, "/profile"),
    ]:
        answer = client.get(path, headers=GZIP)
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers, path


def test_a_new_link_is_not(as_alice: Client, alices_task: Task) -> None:
    answer = as_alice.post(f"/tasks/{alices_task.pk}/share", headers=GZIP | {"HX-Request": "true"})
    assert b"/s/" in answer.content
    assert "Content-Encoding" not in answer.headers
