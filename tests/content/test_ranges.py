"""content.ranges: which bytes a Range header requests, and what a 206 says about its body."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.content import ranges
from dashboard.content.ranges import ByteRange, ContentRange, RangeSpec

N = 1_000_003


@pytest.mark.parametrize(
    ("field", "span"),
    [
        ("bytes=0-", ByteRange(0, N)),
        ("bytes=0-1", ByteRange(0, 2)),
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=5-9", ByteRange(5, 10)),
        (f"bytes={N - 1}-", ByteRange(N - 1, N)),
        (f"bytes=0-{N + 50}", ByteRange(0, N)),
        ("bytes=000000000000000000000000000005-9", ByteRange(5, 10)),
        (f"bytes=7-{'9' * 5000}", ByteRange(7, N)),
        ("bytes=-1", ByteRange(N - 1, N)),
        ("bytes=-500", ByteRange(N - 500, N)),
        (f"bytes=-{N}", ByteRange(0, N)),
        (f"bytes=-{N + 5}", ByteRange(0, N)),
        ("BYTES=0-1", ByteRange(0, 2)),
        ("bytes=, 0-1 ,", ByteRange(0, 2)),
    ],
)
def test_it_finds_the_bytes_asked_for(field: str, span: ByteRange) -> None:
    asked = ranges.parse_range(field)
    assert asked is not None
    assert asked.resolve(N) == span


@pytest.mark.parametrize("field", ["bytes=-0", f"bytes={N}-", f"bytes={N}-{N + 9}", f"bytes={10**40}-"])
def test_it_knows_what_cannot_be_satisfied(field: str) -> None:
    asked = ranges.parse_range(field)
    assert asked is not None
    assert asked.resolve(N) is None


@pytest.mark.parametrize(
    "field",
    [
        None,
        "",
        "bytes=9-5",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes 0-1",
        "0-1",
        "bytes=+0-1",
        "bytes=٠-١",
        "bytes=0_0-1",
        "bytes=0-1-2",
        "bytes=--1",
        "bytes=0x0-1",
        "items=0-1",
        "bytes=0-1,5-6",
        "bytes=0-1,bytes=5-6",
        "bytes=,",
        "bytes=0 -1",
    ],
)
def test_it_ignores_what_it_does_not_understand(field: str | None) -> None:
    assert ranges.parse_range(field) is None


def test_it_has_no_bytes_of_an_empty_video() -> None:
    assert RangeSpec(0, None).resolve(0) is None


@pytest.mark.alone
def test_it_is_quick_about_a_thousand_ranges() -> None:
    before = perf_counter()
    assert ranges.parse_range("bytes=" + ",".join(["0-"] * 1000)) is None
    assert perf_counter() - before < 0.05


@given(st.text())
def test_it_never_fails_on_any_text(field: str) -> None:
    ranges.parse_range(field)
    ranges.parse_range("bytes=" + field)
    ranges.parse_content_range("bytes " + field)


@given(st.integers(0, 2000), st.none() | st.integers(0, 2000), st.integers(0, 1000))
def test_it_agrees_with_slices(first: int, last: int | None, size: int) -> None:
    video = bytes(index % 251 for index in range(size))
    asked = ranges.parse_range(f"bytes={first}-{'' if last is None else last}")
    if last is not None and last < first:
        assert asked is None
        return
    assert asked is not None
    span = asked.resolve(size)
    wanted = video[first : None if last is None else last + 1]
    assert (video[span.start : span.stop] if span else b"") == wanted


@given(st.integers(0, 10**12), st.integers(1, 10**12), st.integers(0, 10**6))
def test_it_reads_back_the_content_range_it_writes(start: int, length: int, rest: int) -> None:
    span = ByteRange(start, start + length)
    assert ranges.parse_content_range(ranges.content_range(span, span.stop + rest)) == ContentRange(
        span, span.stop + rest
    )


@pytest.mark.parametrize(
    "field",
    [None, "", "bytes */9", "bytes 5-4/9", "bytes 0-9/9", "bytes 0-8", "items 0-8/9", "bytes 0-8/+9", "bytes ٠-٨/٩"],
)
def test_it_refuses_a_content_range_that_makes_no_sense(field: str | None) -> None:
    assert ranges.parse_content_range(field) is None


def test_it_writes_the_fields() -> None:
    assert ranges.content_range(ByteRange(2, 5), 9) == "bytes 2-4/9"
    assert ranges.content_range(None, 9) == "bytes */9"
    assert ranges.range_field(ByteRange(2, 5)) == "bytes=2-4"
    assert ranges.parse_content_range("bytes 0-8/*") == ContentRange(ByteRange(0, 9), None)
