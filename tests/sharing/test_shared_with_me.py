"""Shared with me: the videos behind the links that a member has opened."""

import pytest
from django.http import Http404
from django.test import Client
from django.utils import timezone

from dashboard.accounts import actions as account_actions
from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.live import viewers
from dashboard.sharing import actions
from dashboard.sharing.models import ShareLink
from dashboard.tasks import actions as task_actions
from dashboard.tasks.models import Task
from tests.support.cast import make_task


@pytest.fixture
def token(alice: User, alices_task: Task) -> str:
    return actions.share(alices_task, alice, name="Review")[1]


@pytest.fixture
def path(token: str) -> str:
    return f"/s/{ShareLink.objects.get().pk}"


def listed(client: Client) -> str:
    return client.get("/shared").content.decode()


def test_an_opened_link_is_listed_and_opens_by_its_id(as_bob: Client, token: str, path: str) -> None:
    assert path not in listed(as_bob)
    as_bob.get(f"/s/{token}")
    page = listed(as_bob)
    assert f'href="{path}"' in page
    assert "Review" in page
    assert token not in page
    shared = as_bob.get(path)
    assert shared.status_code == 200
    assert f'src="{path}/events"' in shared.content.decode()
    assert as_bob.get(f"{path}/state").status_code == 200
    assert as_bob.get(f"{path}/content").status_code == 409  # the task is still running


def test_the_id_opens_nothing_for_anyone_else(as_bob: Client, as_ada: Client, token: str, path: str) -> None:
    as_bob.get(f"/s/{token}")
    assert [as_ada.get(f"{path}{end}").status_code for end in ("", "/state", "/content")] == [404] * 3
    assert path not in listed(as_ada)


def test_its_stream_opens_by_the_id(as_bob: Client, as_ada: Client, alices_task: Task, token: str, path: str) -> None:
    as_bob.get(f"/s/{token}")
    viewer = viewers.link_viewer_of(str(as_bob.session.session_key), path.removeprefix("/s/"))
    assert viewer is not None
    assert viewer.task_id == str(alices_task.pk)
    with pytest.raises(Http404):
        viewers.link_viewer_of(str(as_ada.session.session_key), path.removeprefix("/s/"))


def test_the_owner_is_not_told_of_their_own_links(as_alice: Client, token: str, path: str) -> None:
    as_alice.get(f"/s/{token}")
    assert path not in listed(as_alice)


@pytest.mark.parametrize("end", ["revoked", "expired", "removed", "deactivated"])
def test_a_link_that_has_ended_is_gone_from_the_list(
    as_bob: Client, alice: User, ada: User, alices_task: Task, token: str, path: str, end: str
) -> None:
    as_bob.get(f"/s/{token}")
    if end == "revoked":
        actions.revoke(ShareLink.objects.get())
    elif end == "expired":
        ShareLink.objects.update(expires_at=timezone.now())
    elif end == "removed":
        task_actions.remove(Task.objects.filter(pk=alices_task.pk))
    else:
        account_actions.set_active(alice, False)
    assert path not in listed(as_bob)
    assert as_bob.get(path).status_code == 410
    assert as_bob.get(f"{path}/content").status_code == 404


def test_many_come_in_pages(as_bob: Client, alice: User, bob: User, alices_key: ApiKey) -> None:
    for number in range(51):
        link, _ = actions.share(make_task(alice, alices_key, prompt=f"Take {number}"), alice)
        actions.note_use(link, bob)
    first, second = (as_bob.get("/shared", {"page": page}).content.decode() for page in (1, 2))
    assert first.count('class="title"') == 50
    assert second.count('class="title"') == 1
    assert "Take 50" in first


def test_an_empty_list_says_what_it_is_for(as_bob: Client) -> None:
    assert "Nothing shared with you yet" in listed(as_bob)


@pytest.mark.parametrize("reference", ["x" * 36, "00000000-0000-0000-0000-000000000000", "0" * 32])
def test_an_unknown_id_is_not_found(as_bob: Client, reference: str) -> None:
    assert as_bob.get(f"/s/{reference}").status_code == 404
