"""Ids as people paste them."""

import pytest

from dashboard.tasks.pasted_ids import parse_pasted


@pytest.mark.parametrize(
    "text", ["a1 b2", "a1,b2", "a1\nb2", " a1;\t b2 ", '["a1", "b2"]', "a1\r\n\r\nb2,", "a1 b2 a1"]
)
def test_it_parts_ids_at_blanks_and_list_signs(text: str) -> None:
    assert [one.task_id for one in parse_pasted(text)] == ["a1", "b2"]


@pytest.mark.parametrize(
    "address",
    [
        "https://api.amux.ai/v1/video/generations/abc123",
        "https://api.amux.ai/v1/videos/abc123/content",
        "http://127.0.0.1:8100/prefix/v1/videos/abc123?x=1",
    ],
)
def test_it_takes_the_id_out_of_an_address(address: str) -> None:
    assert parse_pasted(address)[0].task_id == "abc123"


def test_it_keeps_the_signs_of_base64() -> None:
    assert parse_pasted("dmlkZW8/+b=")[0].task_id == "dmlkZW8/+b="


def test_it_unquotes_the_id_of_an_address() -> None:
    assert parse_pasted("https://h/v1/videos/a%2Fb%2B")[0].task_id == "a/b+"


@pytest.mark.parametrize("text", ["https://example.com/videos/7", "..", "x" * 513, "a\x00b"])
def test_it_says_what_is_wrong_with_a_piece(text: str) -> None:
    piece = parse_pasted(text)[0]
    assert piece.problem
    assert piece.task_id == ""
