"""Pages that someone opens too late: an expired invitation, an expired session."""

from django.test import Client

from dashboard.accounts import actions
from dashboard.accounts.models import Invitation, User


def test_an_invitation_that_is_over_says_so_and_leads_on(client: Client, ada: User) -> None:
    invitation, token = actions.invite(ada, "Robin", False)
    actions.revoke_invitation(Invitation.objects.get(pk=invitation.pk))
    for path in (f"/join/{token}", "/join/never-was"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "This invitation can't be used" in answer.content.decode()
        assert 'href="/accounts/login/"' in answer.content.decode()


def test_the_sign_in_says_that_a_session_has_ended(as_alice: Client, alice: User) -> None:
    as_alice.session.flush()
    answer = as_alice.get("/keys/")
    assert answer.headers["Location"] == "/accounts/login/?next=/keys/&ended=on"
    assert "Your session has ended" in as_alice.get(answer.headers["Location"]).content.decode()


def test_it_says_nothing_to_somebody_new(client: Client) -> None:
    answer = client.get("/keys/")
    assert answer.headers["Location"] == "/accounts/login/?next=/keys/"
    assert "Your session has ended" not in client.get(answer.headers["Location"]).content.decode()


def test_somebody_who_signed_out_knows_it(as_alice: Client) -> None:
    as_alice.post("/accounts/logout/")
    assert as_alice.get("/keys/").headers["Location"] == "/accounts/login/?next=/keys/"
