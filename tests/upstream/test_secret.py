"""A key is masked wherever it is printed."""

import copy
import pickle
import time

import pytest

from dashboard.upstream.secret import Secret

TEXT = "sk-CANARY-abcdefgh/+1234"


@pytest.mark.parametrize("shown", [str(Secret(TEXT)), repr(Secret(TEXT)), f"{Secret(TEXT)}", f"{[Secret(TEXT)]}"])
def test_it_prints_masked(shown: str) -> None:
    assert "CANARY" not in shown
    assert "sk-…1234" in shown


def test_it_pickles_to_masked_text_that_cannot_be_sent() -> None:
    packed = pickle.dumps(Secret(TEXT))
    assert b"CANARY" not in packed
    assert pickle.loads(packed) == "sk-…1234"


def test_it_reveals_and_copies() -> None:
    key = Secret(f" {TEXT}\n")
    assert key.reveal() == TEXT
    assert copy.deepcopy(key) is key
    assert copy.copy(key) is key


def test_it_gives_no_digits_of_a_short_key() -> None:
    assert Secret("sk-123456").last_four == ""
    assert str(Secret("abc")) == "…"


def test_it_compares_by_text() -> None:
    assert Secret(TEXT) == Secret(TEXT)
    assert Secret(TEXT) != Secret("sk-other")
    assert Secret(TEXT) != TEXT
    assert len({Secret(TEXT), Secret(TEXT)}) == 1


@pytest.mark.parametrize("text", ["", "  ", "a b", "a\nb", "a\x00b", "schlüssel", "x" * 1025])
def test_it_refuses_what_no_header_can_carry(text: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        Secret(text)


def test_it_is_removed_from_text() -> None:
    text = Secret(TEXT).redact(f"key {TEXT}, as url sk-CANARY-abcdefgh%2F%2B1234")
    assert "CANARY" not in text
    assert text == "key sk-…1234, as url sk-…1234"


@pytest.mark.parametrize(
    "spelt",
    [
        TEXT.replace("/", "\\/"),  # as PHP writes it
        "".join(f"\\u{ord(sign):04x}" for sign in TEXT),
        "".join(f"\\u{ord(sign):04X}" for sign in TEXT),
        "".join(f"%{ord(sign):02x}" for sign in TEXT),
    ],
)
def test_it_is_found_in_every_spelling_that_is_read_back(spelt: str) -> None:
    assert Secret(TEXT).redact(f'{{"key": "{spelt}", "a": "\\n%20"}}') == '{"key": "sk-…1234", "a": "\\n%20"}'


def test_it_is_looked_for_in_good_time() -> None:
    start = time.perf_counter()
    Secret("s" * 500 + "x").redact("s" * 2_000_000 + "%")
    assert time.perf_counter() - start < 5
