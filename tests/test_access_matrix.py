"""Every URL, for everybody: the test fails for a new URL that is missing here, and for one that allows too much."""

import re
import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from dashboard.accounts import actions as account_actions
from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.sharing import actions as sharing_actions
from dashboard.tasks.models import SavedFilter, Task

SIGN_IN = 302
# name: (method, {who: status}); `alice` owns the objects in the path, `bob` is a member, `ada` an admin.
OWNERS = {"visitor": SIGN_IN, "alice": 200, "bob": 404, "ada": 200}
OWNERS_ACT = {"visitor": SIGN_IN, "alice": 302, "bob": 404, "ada": 302}
MEMBERS = {"visitor": SIGN_IN, "alice": 200, "bob": 200, "ada": 200}
ADMINS = {"visitor": SIGN_IN, "alice": 403, "bob": 403, "ada": 200}
ADMINS_ACT = {"visitor": SIGN_IN, "alice": 403, "bob": 403, "ada": 302}
EVERYBODY = {"visitor": 200, "alice": 200, "bob": 200, "ada": 200}
MATRIX: dict[str, tuple[str, dict[str, int]]] = {
    "board": ("GET", MEMBERS),
    "track": ("GET", {"visitor": SIGN_IN, "alice": 302, "bob": 302, "ada": 302}),
    "create": ("GET", MEMBERS),
    "bulk_tag": ("POST", {"visitor": SIGN_IN, "alice": 302, "bob": 302, "ada": 302}),
    "filter_save": ("POST", {"visitor": SIGN_IN, "alice": 302, "bob": 302, "ada": 302}),
    "filter_delete": ("POST", {"visitor": SIGN_IN, "alice": 302, "bob": 404, "ada": 404}),
    "create_models": ("GET", MEMBERS),
    "create_presets": ("GET", MEMBERS),
    "bulk_untag": ("POST", {"visitor": SIGN_IN, "alice": 302, "bob": 302, "ada": 302}),
    "bulk_undo": ("POST", {"visitor": SIGN_IN, "alice": 302, "bob": 302, "ada": 302}),
    "task_tags": ("POST", OWNERS_ACT),
    "bulk_delete": ("POST", MEMBERS),
    "bulk_share": ("POST", {"visitor": SIGN_IN, "alice": 302, "bob": 302, "ada": 302}),
    "new_links": ("GET", {"visitor": SIGN_IN, "alice": 302, "bob": 302, "ada": 302}),
    "task": ("GET", OWNERS),
    "task_state": ("GET", OWNERS),
    "task_player": ("GET", OWNERS),
    "task_theater": ("GET", OWNERS),
    "task_links": ("GET", OWNERS),
    "task_share": ("POST", OWNERS_ACT),
    "task_refresh": ("POST", OWNERS_ACT),
    "task_label": ("POST", OWNERS_ACT),
    "task_adopt": ("POST", OWNERS_ACT),
    "task_delete": ("POST", OWNERS_ACT),
    "removed": ("GET", MEMBERS),
    "removed_restore": ("POST", {"visitor": SIGN_IN, "alice": 302, "bob": 302, "ada": 302}),
    "removed_delete": ("POST", MEMBERS),
    "content": ("GET", {"visitor": SIGN_IN, "alice": 409, "bob": 404, "ada": 409}),
    "board_view": ("POST", {"visitor": SIGN_IN, "alice": 302, "bob": 302, "ada": 302}),
    # Without pictures; tests/content/test_pictures.py has some.
    **dict.fromkeys(("poster", "storyboard"), ("GET", {"visitor": SIGN_IN, "alice": 404, "bob": 404, "ada": 404})),
    "link_revoke": ("POST", OWNERS_ACT),
    "shared": ("GET", MEMBERS),
    "shared_with_me": ("GET", MEMBERS),
    "shared_state": ("GET", MEMBERS),
    "shared_content": ("GET", {"visitor": SIGN_IN, "alice": 409, "bob": 409, "ada": 409}),
    **dict.fromkeys(
        ("shared_poster", "shared_storyboard"), ("GET", {"visitor": SIGN_IN, "alice": 404, "bob": 404, "ada": 404})
    ),
    "keys": ("GET", MEMBERS),
    "key_add": ("POST", {"visitor": SIGN_IN, "alice": 422, "bob": 422, "ada": 422}),
    "key_test": ("POST", OWNERS_ACT),
    "key_replace": ("POST", OWNERS),
    "key_revoke": ("POST", OWNERS),
    "people": ("GET", ADMINS),
    "invite": ("POST", ADMINS_ACT),
    "people_key_add": ("POST", {"visitor": SIGN_IN, "alice": 403, "bob": 403, "ada": 422}),
    "invitation_revoke": ("POST", ADMINS_ACT),
    "member_role": ("POST", ADMINS_ACT),
    "member_active": ("POST", ADMINS_ACT),
    "member_transfer": ("GET", dict.fromkeys(EVERYBODY, 404) | {"visitor": SIGN_IN, "alice": 403, "bob": 403}),
    "member_unlock": ("POST", ADMINS_ACT),
    "member_password": ("POST", ADMINS_ACT),
    "reset_password": ("GET", dict.fromkeys(EVERYBODY, 404)),  # see tests/accounts/test_password_reset_links.py
    "account_login": ("GET", {"visitor": 200, "alice": 302, "bob": 302, "ada": 302}),
    "account_logout": ("POST", {"visitor": 302, "alice": 302, "bob": 302, "ada": 302}),
    "set_language": ("POST", dict.fromkeys(EVERYBODY, 302)),
    "profile": ("GET", MEMBERS),
    "account_change_password": ("GET", MEMBERS),
    "join": ("GET", EVERYBODY),
    "setup": ("GET", dict.fromkeys(EVERYBODY, 404)),  # members exist; see tests/accounts/test_first_admin.py
    "js_catalog": ("GET", dict.fromkeys(EVERYBODY, 404)),  # none yet; see tests/serving/test_translations.py
    "healthz": ("GET", EVERYBODY),
    "readyz": ("GET", dict.fromkeys(EVERYBODY, 503)),  # no job runs in these tests
    "metrics": ("GET", EVERYBODY),  # from the same machine; see tests/health/test_metrics.py for others
}


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        else:
            yield str(pattern.name)


@pytest.fixture
def paths(alice: User, ada: User, alices_key: ApiKey, alices_task: Task) -> dict[str, str]:
    link, token = sharing_actions.share(alices_task, alice)
    invitation, invited = account_actions.invite(ada, "", False)
    values = {
        "task_id": alices_task.pk,
        "key_id": alices_key.pk,
        "link_id": link.pk,
        "invitation_id": invitation.pk,
        "user_id": alice.pk,
        "filter_id": SavedFilter.objects.create(owner=alice, name="Failed", query="status=failed").pk,
        "language": "de",
    }
    found = {}
    for name in MATRIX:
        wanted = next(iter(get_resolver().reverse_dict.getlist(name)))[0][0][1]
        tokens = {"token": invited if name == "join" else token}
        found[name] = reverse(name, kwargs={one: (values | tokens)[one] for one in wanted})
    return found


def test_every_address_is_declared() -> None:
    assert set(names(get_resolver().url_patterns)) == set(MATRIX)


@pytest.mark.parametrize("who", ["visitor", "alice", "bob", "ada"])
@pytest.mark.parametrize("name", MATRIX)
def test_it_lets_in_whom_it_should(
    name: str, who: str, paths: dict[str, str], alice: User, bob: User, ada: User
) -> None:
    method, expected = MATRIX[name]
    client = Client()
    if who != "visitor":
        client.force_login({"alice": alice, "bob": bob, "ada": ada}[who])
    answer = client.generic(method, paths[name])
    assert answer.status_code == expected.get(who, answer.status_code)
    if expected.get(who) == SIGN_IN and who == "visitor" and name not in {"account_logout", "set_language"}:
        assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("who", ["visitor", "alice", "bob", "ada"])
@pytest.mark.parametrize("name", [name for name, (method, _) in MATRIX.items() if method == "GET"])
def test_head_is_answered_like_get_without_a_body(
    name: str, who: str, paths: dict[str, str], alice: User, bob: User, ada: User
) -> None:
    client = Client()
    if who != "visitor":
        client.force_login({"alice": alice, "bob": bob, "ada": ada}[who])
    head, got = client.head(paths[name]), client.get(paths[name])
    assert (head.status_code, head.headers.get("Location")) == (got.status_code, got.headers.get("Location"))
    assert b"".join(head) == b""


@pytest.mark.parametrize("name", [name for name, (method, _) in MATRIX.items() if method == "POST"])
def test_head_does_nothing_where_only_post_does(name: str, paths: dict[str, str], as_ada: Client) -> None:
    assert as_ada.head(paths[name]).status_code == 405


@pytest.mark.parametrize("name", [name for name, (_, expected) in MATRIX.items() if expected.get("bob") == 404])
def test_a_strangers_answer_is_that_for_a_missing_one(name: str, paths: dict[str, str], as_bob: Client) -> None:
    method, _ = MATRIX[name]
    missing = re.sub(r"[0-9a-f-]{36}", str(uuid.uuid4()), paths[name])
    theirs, none = as_bob.generic(method, paths[name]), as_bob.generic(method, missing)
    assert (theirs.status_code, strip(theirs.content)) == (none.status_code, strip(none.content))


def strip(body: bytes) -> bytes:
    """Removes the token that differs in every response."""
    return re.sub(rb'X-CSRFToken": "\w+"|csrfmiddlewaretoken" value="\w+"', b"", body)


@pytest.mark.parametrize("name", [name for name, (method, _) in MATRIX.items() if method == "POST"])
def test_a_form_from_elsewhere_is_refused(name: str, paths: dict[str, str], alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(paths[name]).status_code == 403


@pytest.mark.parametrize("name", MATRIX)
def test_every_page_carries_the_policy(name: str, paths: dict[str, str], as_ada: Client) -> None:
    answer = as_ada.generic(MATRIX[name][0], paths[name])
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        assert re.search("no-store|no-cache", answer.headers["Cache-Control"])
