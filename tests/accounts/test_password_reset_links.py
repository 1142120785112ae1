"""Links for choosing a new password: created by an admin, shown once, used once."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.accounts import actions, sessions
from dashboard.accounts.models import PasswordResetLink, User
from tests.support.cast import signed_in

pytestmark = pytest.mark.django_db
GOOD = "quite a new horse battery"
NEW = {"new_password1": GOOD, "new_password2": GOOD}


def test_an_admin_makes_one_and_sees_it_once(as_ada: Client, bob: User, visitor: Client) -> None:
    page = as_ada.post(f"/people/{bob.pk}/password", follow=True).content.decode()
    found = re.search(r'value="http://testserver(/reset/[^"]+)"', page)
    assert found
    assert "/reset/" not in as_ada.get("/people/").content.decode()
    assert found[1].rpartition("/")[2] not in PasswordResetLink.objects.get().token_hash
    form = visitor.get(found[1]).content.decode()
    assert "Choose a new password" in form
    assert visitor.post(found[1], NEW).headers["Location"] == "/accounts/login/"
    bob.refresh_from_db()
    assert bob.check_password(GOOD)
    assert visitor.get(found[1]).status_code == 404


def test_members_make_none(as_alice: Client, bob: User) -> None:
    assert as_alice.post(f"/people/{bob.pk}/password").status_code == 403
    assert not PasswordResetLink.objects.exists()


def test_nobody_makes_one_for_themselves_or_for_a_closed_account(as_ada: Client, ada: User, bob: User) -> None:
    actions.set_active(bob, False)
    as_ada.post(f"/people/{ada.pk}/password")
    assert as_ada.post(f"/people/{bob.pk}/password").status_code == 404
    assert not PasswordResetLink.objects.exists()


def test_it_signs_the_member_out_everywhere_and_nobody_in(ada: User, bob: User, visitor: Client) -> None:
    there = signed_in(bob)
    key = there.session.session_key
    token = actions.make_password_reset_link(ada, bob)
    assert sessions.user_of(str(key)) is not None
    visitor.post(f"/reset/{token}", NEW)
    assert there.get("/").status_code == 302
    assert visitor.get("/").status_code == 302
    assert sessions.user_of(str(key)) is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "This field is required."),
        ({"new_password1": GOOD, "new_password2": "another one entirely"}, "match"),
        ({"new_password1": "12345", "new_password2": "12345"}, "too short"),
    ],
)
def test_a_bad_password_keeps_the_link(
    ada: User, bob: User, visitor: Client, given: dict[str, str], words: str
) -> None:
    token = actions.make_password_reset_link(ada, bob)
    answer = visitor.post(f"/reset/{token}", given or {"new_password1": ""})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert visitor.post(f"/reset/{token}", NEW).status_code == 302


def test_a_newer_one_takes_its_place(ada: User, bob: User, visitor: Client) -> None:
    first, second = (actions.make_password_reset_link(ada, bob) for _ in range(2))
    assert [visitor.get(f"/reset/{token}").status_code for token in (first, second)] == [404, 200]


def expire(ada: User, bob: User) -> None:
    PasswordResetLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def close(ada: User, bob: User) -> None:
    actions.set_active(bob, False)


@pytest.mark.parametrize("end", [expire, close])
def test_it_ends(ada: User, bob: User, visitor: Client, end: Callable[[User, User], None]) -> None:
    token = actions.make_password_reset_link(ada, bob)
    end(ada, bob)
    assert visitor.get(f"/reset/{token}").status_code == 404
    assert visitor.post(f"/reset/{token}", NEW).status_code == 404
    assert not bob.check_password(GOOD)


@pytest.mark.parametrize("fields", [{"is_staff": False}, {"is_active": False}])
def test_it_works_only_while_its_maker_is_an_admin(
    ada: User, bob: User, visitor: Client, fields: dict[str, bool]
) -> None:
    token = actions.make_password_reset_link(ada, bob)
    User.objects.filter(pk=ada.pk).update(**fields)
    assert visitor.get(f"/reset/{token}").status_code == 404


def test_of_two_who_use_it_at_once_one_wins(ada: User, bob: User) -> None:
    token = actions.make_password_reset_link(ada, bob)
    first, second = (PasswordResetLink.objects.for_token(token).select_related("user").get() for _ in range(2))
    assert actions.use_password_reset_link(first, GOOD)
    assert not actions.use_password_reset_link(second, "another one entirely")
    bob.refresh_from_db()
    assert bob.check_password(GOOD)
