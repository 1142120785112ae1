"""`/healthz`: the process is alive, regardless of its dependencies."""

import pytest
from django.test import Client


def test_it_says_ok_without_a_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Content-Type"].startswith("text/plain")


def test_it_is_not_cached(client: Client) -> None:
    assert "no-store" in client.get("/healthz")["Cache-Control"]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_takes_only_get(client: Client, method: str) -> None:
    assert getattr(client, method)("/healthz").status_code == 405
