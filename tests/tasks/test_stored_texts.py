"""Texts that are stored in English can still be translated."""

import pytest
from django.utils import translation

from dashboard.tasks import stored_texts
from dashboard.tasks.stored_texts import CUT_SHORT, NEW_KEY, VIDEO_SAVED
from dashboard.upstream import status_errors


@pytest.mark.parametrize(
    ("template", "values"),
    [
        (NEW_KEY, {"key": "50% (of a%(key)s) [x]"}),
        (VIDEO_SAVED, {"number": "2"}),
        (status_errors.NO_STATUS, {"status": "200"}),
        (status_errors.UNAVAILABLE, {"status": "503"}),
    ],
)
def test_it_is_recognized_by_its_template(template: str, values: dict[str, str]) -> None:
    assert stored_texts.recognized(template % values) == (template, values)
    assert stored_texts.translated(template % values) == template % values


def test_its_numbers_are_shown_as_the_language_does() -> None:
    stored = CUT_SHORT % {"received": "1,234", "length": "12,345,678"}
    with translation.override("de"):
        assert stored_texts.translated(stored) == CUT_SHORT % {"received": "1.234", "length": "12.345.678"}


@pytest.mark.parametrize("text", ["", "The video was saved.", "100% of your quota is used", "%(key)s"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert stored_texts.recognized(text) == (text, {})
    assert stored_texts.translated(text) == text
