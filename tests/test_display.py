"""How templates display icons, times and hues."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from django.template.defaultfilters import filesizeformat
from django.utils import timezone as django_timezone
from django.utils import translation

from dashboard.templatetags import display

NOON = datetime(2026, 11, 3, 12, 5, 9, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0:00"), (5.04, "0:05"), (59.6, "1:00"), (754, "12:34"), (3723, "1:02:03"), (None, ""), (-1, "")],
)
def test_it_prints_a_duration_as_a_clock(seconds: float | None, words: str) -> None:
    assert display.clock(seconds) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["0", "999", "1,234", "1,234,567.5", "23.98", "1e+16"]),
        ("zh-hans", ["0", "999", "1,234", "1,234,567.5", "23.98", "1e+16"]),
        ("de", ["0", "999", "1.234", "1.234.567,5", "23,98", "1e+16"]),
    ],
)
def test_it_prints_numbers_as_the_language_does(language: str, words: list[str]) -> None:
    with translation.override(language):
        assert [display.number(value) for value in (0, 999, 1234, 1234567.5, 23.98, 1e16)] == words


@pytest.mark.parametrize(
    ("text", "words"), [("1,234,567", "1.234.567"), ("999", "999"), ("task-1,234", "task-1,234"), ("1,2", "1,2")]
)
def test_it_rewrites_numbers_that_are_stored_in_english(text: str, words: str) -> None:
    assert display.renumbered(text) == text
    with translation.override("de"):
        assert display.renumbered(text) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "1.2\xa0MB 999\xa0bytes"), ("zh-hans", "1.2\xa0MB 999\xa0字节"), ("de", "1,2\xa0MB 999\xa0Bytes")],
)
def test_it_prints_sizes_of_files_as_the_language_does(language: str, words: str) -> None:
    with translation.override(language):
        assert f"{filesizeformat(1_258_291)} {filesizeformat(999)}" == words


def test_it_prints_no_duration_for_what_is_no_number() -> None:
    assert display.clock(float("nan")) == ""
    assert display.clock(float("inf")) == ""


def test_it_prints_times_in_utc_for_machines_and_for_people() -> None:
    assert display.iso(NOON) == "2026-11-03T11:05:09+00:00"
    assert display.date_time(NOON.astimezone(UTC)) == "3 Nov 2026, 11:05 UTC"
    assert (display.iso(None), display.date_time(None)) == ("", "")


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Asia/Shanghai", "3 Nov 2026, 19:05 UTC+8"),
        ("Asia/Kolkata", "3 Nov 2026, 16:35 UTC+5:30"),
        ("America/St_Johns", "3 Nov 2026, 07:35 UTC-3:30"),
        ("Pacific/Kiritimati", "4 Nov 2026, 01:05 UTC+14"),
        ("Europe/London", "3 Nov 2026, 11:05 UTC"),
    ],
)
def test_it_prints_times_in_the_active_time_zone(zone: str, words: str) -> None:
    with django_timezone.override(ZoneInfo(zone)):
        assert display.date_time(NOON) == words
        assert display.iso(NOON) == "2026-11-03T11:05:09+00:00"
    assert display.date_time(NOON) == "3 Nov 2026, 11:05 UTC"


def test_it_prints_the_offset_of_that_day() -> None:
    with django_timezone.override(ZoneInfo("Europe/Berlin")):
        assert display.date_time(NOON).endswith(" UTC+1")
        assert display.date_time(datetime(2026, 7, 3, 11, 5, tzinfo=UTC)) == "3 Jul 2026, 13:05 UTC+2"


@pytest.mark.parametrize(
    ("language", "words"),
    [("de", "3. November 2026 11:05 UTC"), ("zh-hans", "2026年11月3日 11:05 UTC"), ("en-gb", "3 Nov 2026, 11:05 UTC")],
)
def test_it_prints_times_as_the_language_does(language: str, words: str) -> None:
    with translation.override(language):
        assert display.date_time(NOON) == words
    assert display.date_time(NOON) == "3 Nov 2026, 11:05 UTC"


def test_it_draws_an_icon_that_screen_readers_pass_over() -> None:
    drawn = display.icon("clock")
    assert drawn.startswith("<svg")
    assert 'aria-hidden="true"' in drawn
    assert 'class="icon"' in drawn


def test_it_cuts_a_long_text_and_leaves_a_short_one() -> None:
    assert display.cut("otters juggling", 20) == "otters juggling"
    assert display.cut("otters juggling", 8) == "otters…"


def test_it_gives_a_word_the_same_hue_each_time() -> None:
    assert display.hue("veo-3") == display.hue("veo-3")
    assert {display.hue(f"model-{number}") for number in range(200)} == set(range(display.HUES))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A red fox", "A red fox"),
        ("fox \u202egpj.exe", "fox ⟨U+202E⟩gpj.exe"),
        ("\u2066isolated\u2069", "⟨U+2066⟩isolated⟨U+2069⟩"),
        ("bell \x07, escape \x1b[31m", "bell ⟨U+0007⟩, escape ⟨U+001B⟩[31m"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("שועל אדום \u200f", "שועל אדום \u200f"),
        ("👩\u200d🚀", "👩\u200d🚀"),
    ],
)
def test_what_turns_a_text_around_is_visible(text: str, shown: str) -> None:
    assert display.visible(text) == shown


def test_a_time_is_marked_up_for_the_browser() -> None:
    moment = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
    expected = '<relative-time datetime="2026-11-23T14:02:00+00:00">23 Nov 2026, 14:02 UTC</relative-time>'
    assert display.relative_time(moment) == expected
