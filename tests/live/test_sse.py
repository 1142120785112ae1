"""Frames: a browser reads exactly what was sent, whatever was sent."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.live import sse
from tests.support.event_source import Event, Parser

NASTY = "\r\n\0\u2028\u2029\u0085\ufeff\ud800\udfff:\x1e<é🎬 "
texts = st.text(st.one_of(st.sampled_from(NASTY), st.characters(exclude_categories=())), max_size=60)


def as_read(text: str) -> str:
    """Line endings become LF. Half a surrogate pair, which no encoding can represent, becomes a question mark."""
    return re.sub(r"\r\n|\r", "\n", text).encode("utf-8", "replace").decode()


@settings(max_examples=1_000, deadline=None)
@given(texts, texts, st.integers(0, 10**18 - 1))
def test_it_delivers_exactly_the_text_that_was_sent(first: str, second: str, cursor: int) -> None:
    sent = sse.retry(3_000) + sse.frame("task", first, cursor) + sse.frame("gone", second, cursor)
    assert Parser().feed(sent) == [
        Event("task", as_read(first), str(cursor)),
        Event("gone", as_read(second), str(cursor)),
    ]


@settings(max_examples=200, deadline=None)
@given(texts, st.integers(1, 7))
def test_it_survives_being_cut_anywhere(text: str, size: int) -> None:
    sent = sse.retry(1) + sse.frame("task", text, 7)
    parser = Parser()
    events = [event for at in range(0, len(sent), size) for event in parser.feed(sent[at : at + size])]
    assert events == [Event("task", as_read(text), "7")]


@pytest.mark.parametrize(
    "text", ["a\nid: 9", "a\r\rdata: b", "\n\nevent: close\ndata: x\n\n", "retry: 1", "", "\ufeff"]
)
def test_it_cannot_be_broken_out_of(text: str) -> None:
    parser = Parser()
    assert [event.type for event in parser.feed(sse.frame("task", text, 5))] == ["task"]
    assert (parser.last_event_id, parser.retry) == ("5", None)


def test_it_knows_its_events() -> None:
    with pytest.raises(ValueError, match="not one of"):
        sse.frame("evil\ndata", "", 1)  # type: ignore[arg-type]


def test_it_refuses_a_negative_cursor() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        sse.frame("tick", "", -1)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "١٢", "1 ", "abc", "1\0", "9" * 19, "x" * 10_000, "0x1", "1\n"])
def test_it_takes_nothing_but_digits_for_a_cursor(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        sse.cursor_of(text)


def test_it_reads_a_cursor() -> None:
    assert sse.cursor_of("000123") == 123
