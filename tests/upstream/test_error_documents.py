"""Errors and links in JSON, in every dialect."""

from typing import Any

import pytest

from dashboard.upstream.answers import message_in, says_missing, video_url
from tests.upstream.test_answers import URL


@pytest.mark.parametrize(
    ("document", "missing"),
    [
        ({"code": "task_not_exist", "message": "task_not_exist", "data": None}, True),
        ({"error": {"code": "task_not_found"}}, True),
        ({"error": {"message": "task not exist"}}, True),
        ({"error": {"code": "invalid_request"}}, False),
        ({"error": "no"}, False),
        (None, False),
    ],
)
def test_it_knows_when_the_task_is_missing(document: object, missing: bool) -> None:
    assert says_missing(document) is missing


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"error": {"message": "No."}}, "No."),
        ({"error": "No."}, "No."),
        ({"detail": "No."}, "No."),
        ({"detail": [{"msg": "No."}]}, "No."),
        ({"message": "No."}, "No."),
        ([], ""),
        ({}, ""),
    ],
)
def test_it_finds_the_text_of_an_error(document: object, expected: str) -> None:
    assert message_in(document) == expected


@pytest.mark.parametrize("document", [{"url": URL}, {"data": {"url": URL}}, {"code": "success", "data": {"url": URL}}])
def test_it_finds_a_url_in_place_of_a_video(document: dict[str, Any]) -> None:
    assert video_url(document) == URL
