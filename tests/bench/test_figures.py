"""The bench's tables; the measurements themselves are `make bench`."""

import pytest

from tests.bench.__main__ import report
from tests.bench.results import Figure, Section, markdown, middle, number, section_of, share, text

FAST = Figure(what="a video", value=900, unit="MB/s", peer="nginx", peer_value=1_000, reach=">= 0.9 x", reached=True)
SLOW = Figure(what="a page", value=80.0, unit="ms", reach="<= 60 ms", reached=False)


def test_it_puts_a_figure_beside_its_peer() -> None:
    assert FAST.cells()[:4] == ["a video", "900 MB/s", "nginx: 1,000", "0.90"]


def test_it_says_what_was_not_reached() -> None:
    written = report({"board": Section("The table", [FAST, SLOW])})
    assert "- The table: a page: 80 ms, to reach <= 60 ms" in written
    assert "a video: 900" not in written.partition("## The table")[0]


def test_it_judges_only_what_is_to_be_reached() -> None:
    assert Figure(what="polls", value=1, unit="/s").is_reached == ""
    assert Figure(what="frames", value=1, unit="/s", reach=">= 1.0 x").is_reached == "not measured"


def test_a_section_survives_being_kept() -> None:
    section = Section("The table", [FAST, SLOW], ["plan"], "today")
    assert section_of(section.as_json()) == section


def test_tables_have_a_line_for_each_figure() -> None:
    assert len(markdown([FAST, SLOW]).splitlines()) == 4
    assert len(text([FAST, SLOW]).splitlines()) == 3


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), (0.123, "0.12"), (12.34, "12.3"), (1234.5, "1,234"), (3.0, "3")]
)
def test_numbers_have_three_digits_or_so(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_shares_and_middles() -> None:
    assert share([3.0, 1.0, 2.0, 4.0], 0.95) == 4.0
    assert middle([1.0, 9.0, 2.0]) == 2.0
