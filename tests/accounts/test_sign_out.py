"""Signing out."""

from django.test import Client


def test_signing_out_clears_what_the_browser_kept(as_alice: Client) -> None:
    answer = as_alice.post("/accounts/logout/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert as_alice.get("/").status_code == 302


def test_signing_out_is_a_post(as_alice: Client) -> None:
    assert as_alice.get("/accounts/logout/").status_code == 405
