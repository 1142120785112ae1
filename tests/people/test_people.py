"""Members and invitations, as admins see them."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from dashboard.accounts.models import Invitation, User
from dashboard.tasks.models import Task
from tests.support.cast import PASSWORD, signed_in

OFF = {"active": "off", "confirmed": "on"}
CHOSEN = {"username": "robin", "password1": "a-long-new-passphrase", "password2": "a-long-new-passphrase"}


def invited(client: Client, **fields: str) -> str:
    return str(client.post("/people/invite", {"note": "Robin", **fields}, follow=True).context["new_invitation"])


def words(html: bytes) -> str:
    """Returns the page with each run of spaces and line breaks replaced by one space."""
    return " ".join(html.decode().split())


def path_of(link: str) -> str:
    return link.removeprefix("http://testserver")


def test_an_invitation_makes_a_member(as_ada: Client, visitor: Client) -> None:
    path = path_of(invited(as_ada))
    assert visitor.get(path).status_code == 200
    assert visitor.post(path, CHOSEN).headers["Location"] == "/"
    assert visitor.get("/").status_code == 200
    assert not User.objects.get(username="robin").is_admin


def test_an_invitation_may_make_an_admin(as_ada: Client, visitor: Client) -> None:
    visitor.post(path_of(invited(as_ada, is_admin="on")), CHOSEN)
    assert User.objects.get(username="robin").is_admin


def test_it_works_once(as_ada: Client, visitor: Client) -> None:
    path = path_of(invited(as_ada))
    visitor.post(path, CHOSEN)
    assert Client().post(path, CHOSEN | {"username": "second"}).status_code == 404
    assert not User.objects.filter(username="second").exists()


def test_a_revoked_one_does_not_work(as_ada: Client, visitor: Client) -> None:
    path = path_of(invited(as_ada))
    as_ada.post(f"/people/invitations/{Invitation.objects.get().pk}/revoke")
    assert visitor.get(path).status_code == 404


@pytest.mark.parametrize("fields", [{"is_active": False}, {"is_staff": False}])
def test_one_ends_with_the_rights_of_who_made_it(
    as_ada: Client, ada: User, visitor: Client, fields: dict[str, bool]
) -> None:
    path = path_of(invited(as_ada, is_admin="on"))
    User.objects.filter(pk=ada.pk).update(**fields)
    assert visitor.get(path).status_code == 404
    assert visitor.post(path, CHOSEN).status_code == 404
    assert not User.objects.filter(username="robin").exists()


def test_a_weak_password_is_named_and_the_name_kept(as_ada: Client, visitor: Client) -> None:
    answer = visitor.post(path_of(invited(as_ada)), CHOSEN | {"password1": "12345678", "password2": "12345678"})
    assert answer.status_code == 422
    assert 'value="robin"' in answer.content.decode()
    assert "12345678" not in answer.content.decode()


def test_only_the_hash_of_an_invitation_is_kept(as_ada: Client) -> None:
    token = invited(as_ada).rpartition("/")[2]
    assert token not in str(Invitation.objects.values())
    assert token not in as_ada.get("/people/").content.decode()


def test_a_closed_account_is_signed_out_at_once(as_ada: Client, alice: User, as_alice: Client) -> None:
    as_ada.post(f"/people/{alice.pk}/active", OFF)
    assert as_alice.get("/").headers["Location"].startswith("/accounts/login/")
    as_ada.post(f"/people/{alice.pk}/active", {"active": "on"})
    assert as_alice.get("/").status_code == 302


def test_closing_an_account_asks_first(as_ada: Client, alice: User, as_alice: Client, alices_task: Task) -> None:
    html = words(as_ada.post(f"/people/{alice.pk}/active", {"active": "off"}).content)
    assert '<input type="checkbox" name="finish" checked>' in html
    assert "Finish 1 running task and save a copy of each video" in html
    assert as_alice.get("/").status_code == 200


@pytest.mark.parametrize(
    ("ticked", "said", "listed", "key"),
    [
        ({"finish": "on"}, "1 task is still being finished", "finishing 1 task", "its last tasks"),
        ({}, "Its keys are no longer used", "keys not in use", "so this key isn't used"),
    ],
)
def test_it_says_what_becomes_of_the_keys(
    as_ada: Client, alice: User, alices_task: Task, ticked: dict[str, str], said: str, listed: str, key: str
) -> None:
    html = words(as_ada.post(f"/people/{alice.pk}/active", OFF | ticked, follow=True).content)
    assert said in html
    assert f"Deactivated, {listed}" in html
    assert key in html


def test_it_asks_nothing_where_nothing_is_unfinished(as_ada: Client, alice: User, alices_task: Task) -> None:
    Task.objects.update(status="failed", next_poll_at=None)
    html = as_ada.post(f"/people/{alice.pk}/active", {"active": "off"}).content.decode()
    assert "checkbox" not in html
    assert "No task needs this account" in html


def test_it_says_what_is_lost_where_no_copies_are_kept(
    as_ada: Client, alice: User, alices_task: Task, settings: Settings
) -> None:
    settings.ARCHIVE = False
    html = as_ada.post(f"/people/{alice.pk}/active", {"active": "off"}).content.decode()
    assert "This server doesn't save copies" in html
    assert "keep a copy" not in html


def test_the_last_admin_stays(as_ada: Client, ada: User) -> None:
    as_ada.post(f"/people/{ada.pk}/role", {"role": "member"})
    as_ada.post(f"/people/{ada.pk}/active", OFF)
    ada.refresh_from_db()
    assert ada.is_admin
    assert ada.is_active


def test_a_role_changes_what_is_seen(as_ada: Client, bob: User) -> None:
    as_ada.post(f"/people/{bob.pk}/role", {"role": "admin", "confirmed": "on"})
    assert signed_in(bob).get("/people/").status_code == 200


@pytest.mark.parametrize("path", ["", "invite", "1/role", "1/active"])
def test_members_are_kept_out(as_alice: Client, path: str) -> None:
    answer = as_alice.post(f"/people/{path}") if path else as_alice.get("/people/")
    assert answer.status_code == 403


def test_signing_in_takes_name_and_password(visitor: Client, alice: User) -> None:
    answer = visitor.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert answer.headers["Location"] == "/"


def test_a_wrong_password_says_nothing_of_the_name(visitor: Client, alice: User) -> None:
    known = visitor.post("/accounts/login/", {"login": "alice", "password": "wrong-wrong"})
    unknown = visitor.post("/accounts/login/", {"login": "nobody", "password": "wrong-wrong"})
    assert known.context["form"].errors == unknown.context["form"].errors


def test_guessing_is_stopped(visitor: Client, alice: User) -> None:
    for _ in range(11):
        visitor.post("/accounts/login/", {"login": "alice", "password": "wrong-wrong"})
    answer = visitor.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert "_auth_user_id" not in visitor.session
    assert answer.status_code == 429


def test_nobody_signs_up_alone(visitor: Client) -> None:
    assert visitor.get("/accounts/signup/").status_code == 404


def test_signing_out_is_a_post(as_alice: Client) -> None:
    assert as_alice.get("/accounts/logout/").status_code == 405
    as_alice.post("/accounts/logout/")
    assert as_alice.get("/").status_code == 302
