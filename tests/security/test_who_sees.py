"""The pages say that admins see private tasks, both to the member and to the admin."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from dashboard.tasks.models import Task

HTMX = {"HX-Request": "true"}


def text(client: Client, path: str, **headers: str) -> str:
    return " ".join(client.get(path, headers=headers).content.decode().split())


@pytest.mark.parametrize("path", ["/", "/tasks/create"])
def test_it_tells_a_member_that_admins_see_their_tasks(as_alice: Client, path: str) -> None:
    assert "Only you and admins can see your tasks." in text(as_alice, path)


@pytest.mark.parametrize("path", ["/", "/tasks/create"])
def test_it_tells_an_admin_so_of_the_other_ones(as_ada: Client, path: str) -> None:
    assert "Only you and other admins can see your tasks." in text(as_ada, path)


def test_it_tells_an_admin_that_a_task_is_private(as_ada: Client, as_alice: Client, alices_task: Task) -> None:
    words = "alice's private task. You can see it because you're an admin."
    assert words in text(as_ada, f"/tasks/{alices_task.pk}")
    assert words not in text(as_alice, f"/tasks/{alices_task.pk}")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_it_tells_an_admin_so_on_the_board(as_ada: Client, alices_task: Task, headers: dict[str, str]) -> None:
    words = "everyone's private tasks because you're an admin"
    assert words in text(as_ada, "/", **headers)
    assert words not in text(as_ada, "/?owner=me", **headers)


def test_it_says_nothing_of_that_where_the_team_sees_everything(
    as_ada: Client, as_bob: Client, alices_task: Task, settings: Settings
) -> None:
    settings.VISIBILITY = "team"
    assert "Everyone on the team can see your tasks." in text(as_bob, "/")
    assert "because you are an admin" not in text(as_ada, "/") + text(as_ada, f"/tasks/{alices_task.pk}")
