"""How long to wait, what a valid ID is, and what an error contains."""

from datetime import UTC, datetime

import pytest

from dashboard.upstream import client, errors
from dashboard.upstream.http_exchange import retry_after

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("31536000", 900),
        ("9" * 20, 900),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30),
        ("Thursday, 01-Jan-26 00:00:30 GMT", 30),
        ("Thu, 01 Jan 2026 00:00:30 -0000", 30),
        ("Fri, 01 Jan 2027 00:00:00 GMT", 900),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0),
        ("-5", None),
        ("abc", None),
        ("inf", None),
        ("nan", None),
        ("٧", None),
        ("1e3", None),
        ("", None),
        ("9" * 400, None),
        ("Thu, 99 Jan 2026 00:00:30 GMT", None),
        (None, None),
    ],
)
def test_it_reads_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "empty"),
        (" \n", "empty"),
        (".", "dots"),
        (" .. ", "dots"),
        ("a b", "white space"),
        ("a\nb", "white space"),
        ("a\u00a0b", "white space"),
        ("a\x00b", "control"),
        ("a\x7fb", "control"),
        ("a\u202eb", "control"),
        ("a\ud800b", "control"),
        ("x" * 513, "512"),
    ],
)
def test_an_id_is_refused_with_the_reason(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        client.valid_task_id(text)


@pytest.mark.parametrize("text", ["t1", "video_a/b+c==", "...", "a..b", "x" * 512, "任务", "?#%"])
def test_an_id_is_taken(text: str) -> None:
    assert client.valid_task_id(f"  {text}\t") == text


def test_a_message_is_bounded() -> None:
    assert len(errors.UpstreamError("x" * 5_000).message) == 2_000


@pytest.mark.parametrize("base", ["ftp://a", "gateway.example", "https://", ""])
async def test_a_base_address_needs_scheme_and_host(base: str) -> None:
    with pytest.raises(ValueError, match="http"):
        client.Client(base)


async def test_one_client_is_shared_per_loop() -> None:
    first = client.shared()
    assert client.shared() is first
    await client.close_shared()
    assert client.shared() is not first
    await client.close_shared()
    await client.close_shared()
