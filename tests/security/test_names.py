"""Nobody can take a name that could be mistaken for another member's."""

import threading
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from dashboard.accounts import actions
from dashboard.accounts.models import Invitation, User

PASSPHRASE = "a-long-new-passphrase"


@pytest.fixture
def invitation(ada: User) -> Invitation:
    return actions.invite(ada, "somebody", is_admin=False)[0]


def join(ada: User, name: str) -> "Client":
    """Returns the browser of an invited person, after the attempt to join under that name."""
    _, token = actions.invite(ada, "somebody", is_admin=False)
    client = Client()
    given = {"username": name, "password1": PASSPHRASE, "password2": PASSPHRASE}
    client.answer = client.post(f"/join/{token}", given)  # type: ignore[attr-defined]
    return client


def errors(client: "Client") -> str:
    answer = client.answer  # type: ignore[attr-defined]
    assert answer.status_code == 422
    return " ".join(answer.context["form"].errors["username"])


GOOD = (
    (
        "robin robin.2 r_o-b+i@n Robin42 jürgen żółw søren анна анна-2 Αλέξανδρος դավիթ דוד أحمد १२३राम प्रिया สมชาย "
        "王小明 王小明2 王_wang 山田太郎 やまだ ヤマダ・タロー サトー 佐々木 kim김철수 金철수 ㄅㄆ王 თამარ ስላም"
    )
    .replace("・", "")
    .split()
)


@pytest.mark.parametrize("name", GOOD)
def test_a_name_in_one_script_is_fine(ada: User, name: str) -> None:
    join(ada, name)
    assert User.objects.filter(username=name).exists()


MIXED = {
    "аlice": "Cyrillic a",
    "alicе": "Cyrillic e",
    "αlice": "Greek a",
    "ada\u0430": "Latin and Cyrillic",
    "анnа": "Cyrillic and Latin",
    "Ꭺlice": "Cherokee",
    "աlice": "Armenian",
    "やまкда": "Japanese and Cyrillic",
    "김やま": "Korean and Japanese",
    "a1٣": "two kinds of digits",
}


@pytest.mark.parametrize("name", MIXED)
def test_one_that_mixes_scripts_is_refused(ada: User, name: str) -> None:
    assert "one script" in errors(join(ada, name)) or "one kind of digits" in errors(join(ada, name))
    assert User.objects.count() == 1


HIDDEN = ["ali\u200bce", "ali\u00adce", "ali\u2060ce", "\u202eecila", "ali\u034fce", "ali\u3164ce", "ali\ufe0fce"]
HIDDEN += ["ali\x07ce", "ali ce", "ali\u2800ce", "ali\u115fce", "e" + "\u0301" * 9]


@pytest.mark.parametrize("name", HIDDEN)
def test_one_with_what_nobody_sees_is_refused(ada: User, name: str) -> None:
    assert "letters" in errors(join(ada, name))
    assert User.objects.count() == 1


@pytest.mark.parametrize("name", ["ALICE", "Alice", "ａｌｉｃｅ", "𝐚𝐥𝐢𝐜𝐞", "aLİce".replace("İ", "I")])
def test_another_spelling_of_a_name_is_taken(ada: User, alice: User, name: str) -> None:
    assert "taken" in errors(join(ada, name))


@pytest.mark.parametrize("name", ["carol@example.com", "Carol@Example.COM", "ｃarol@example.com"])
def test_a_name_like_anothers_address_is_refused(ada: User, bob: User, name: str) -> None:
    User.objects.filter(pk=bob.pk).update(email="carol@example.com")
    assert "taken" in errors(join(ada, name))


def test_an_address_like_anothers_name_is_refused(ada: User) -> None:
    User.objects.create_user("carol@example.com")
    with pytest.raises(ValidationError, match="address"):
        User.objects.create_user("mallory", email="Carol@example.com")
    ada.email = "carol@example.com"
    with pytest.raises(ValidationError, match="address"):
        ada.save()


def test_ones_own_address_is_a_fine_name(db: None) -> None:
    carol = User.objects.create_user("carol@example.com", email="carol@example.com")
    carol.full_clean(exclude=["password"])
    carol.save()


@pytest.mark.parametrize("name", ["аlice", "ALICE", "carol@example.com"])
def test_the_command_for_admins_refuses_them_too(alice: User, name: str) -> None:
    User.objects.filter(pk=alice.pk).update(email="carol@example.com")
    with pytest.raises(CommandError, match=r"taken|one script"):
        call_command("createsuperuser", "--noinput", username=name, email="", stderr=StringIO())
    assert User.objects.count() == 1


def test_the_command_for_admins_refuses_an_address_like_a_name(db: None) -> None:
    User.objects.create_user("carol@example.com")
    with pytest.raises(CommandError, match="address"):
        call_command("createsuperuser", "--noinput", username="mallory", email="carol@example.com")


def test_a_member_of_before_goes_on(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(username="аlice")
    found = User.objects.get(pk=alice.pk)
    found.save()
    found.first_name = "Alice"
    found.save()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_gets_the_name(ada: User) -> None:
    invitations = [actions.invite(ada, "", is_admin=False)[0] for _ in range(2)]
    refused, barrier = [], threading.Barrier(2)

    def run(invitation: Invitation, name: str) -> None:
        barrier.wait()
        try:
            actions.join(invitation, name, PASSPHRASE)
        except actions.NameTaken:
            refused.append(name)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in zip(invitations, ["Robin", "robin"], strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(refused), User.objects.filter(username__iexact="robin").count()) == (1, 1)
