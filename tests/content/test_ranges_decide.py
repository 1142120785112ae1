"""content.ranges.decide: RFC 9110 section 13.2.2, header by header."""

from datetime import UTC, datetime

import pytest

from dashboard.content import ranges
from dashboard.content.ranges import ByteRange, Decision, Version

VIDEO = Version(100, '"video-1"', datetime(2026, 3, 1, 12, 0, 0, 500, tzinfo=UTC))
THEN = "Sun, 01 Mar 2026 12:00:00 GMT"
EARLIER = "Sun, 01 Mar 2026 11:59:59 GMT"
LATER = "Sun, 01 Mar 2026 12:00:01 GMT"
WHOLE = Decision(200)
PART = Decision(206, ByteRange(0, 5))


def decide(method: str = "GET", **fields: str) -> Decision:
    return ranges.decide(method, {name.replace("_", "-"): value for name, value in fields.items()}, VIDEO)


def test_it_answers_without_conditions() -> None:
    assert decide() == WHOLE
    assert decide(Range="bytes=0-4") == PART
    assert decide(Range="bytes=100-") == Decision(416)
    assert decide(Range="bytes=4-0") == WHOLE


def test_it_ignores_a_range_on_head() -> None:
    assert decide("HEAD", Range="bytes=0-4") == WHOLE
    assert decide("HEAD", Range="bytes=100-") == WHOLE


@pytest.mark.parametrize("validator", ['"video-1"', THEN, "Sunday, 01-Mar-26 12:00:00 GMT"])
def test_it_answers_the_range_if_the_validator_is_ours(validator: str) -> None:
    assert decide(Range="bytes=0-4", If_Range=validator) == PART
    assert decide(Range="bytes=100-", If_Range=validator) == Decision(416)


@pytest.mark.parametrize("validator", ['"video-2"', 'W/"video-1"', EARLIER, LATER, "yesterday", "", '"', "video-1"])
def test_it_answers_the_whole_video_if_the_validator_is_not_ours(validator: str) -> None:
    assert decide(Range="bytes=0-4", If_Range=validator) == WHOLE
    assert decide(Range="bytes=100-", If_Range=validator) == WHOLE


@pytest.mark.parametrize("tags", ['"video-1"', "*", 'W/"video-1"', '"a", "video-1"', 'W/"b" , W/"video-1"'])
def test_it_says_not_modified_to_who_has_the_video(tags: str) -> None:
    assert decide(If_None_Match=tags) == Decision(304)
    assert decide(If_None_Match=tags, Range="bytes=0-4") == Decision(304)
    assert decide("HEAD", If_None_Match=tags) == Decision(304)


def test_it_prefers_tags_to_dates() -> None:
    assert decide(If_None_Match='"other"', If_Modified_Since=LATER) == WHOLE
    assert decide(If_Match='"video-1"', If_Unmodified_Since=EARLIER) == WHOLE


def test_it_compares_dates() -> None:
    assert decide(If_Modified_Since=LATER) == decide(If_Modified_Since=THEN) == Decision(304)
    assert decide(If_Modified_Since=EARLIER) == decide(If_Modified_Since="soon") == WHOLE
    assert decide(If_Unmodified_Since=EARLIER) == Decision(412)
    assert decide(If_Unmodified_Since=THEN) == decide(If_Unmodified_Since="soon") == WHOLE


@pytest.mark.parametrize("tags", ['"other"', 'W/"video-1"', "garbage", ""])
def test_it_fails_a_precondition(tags: str) -> None:
    assert decide(If_Match=tags) == Decision(412)
    assert decide(If_Match=tags, If_None_Match='"video-1"', Range="bytes=0-4") == Decision(412)


@pytest.mark.parametrize("tags", ['"video-1"', "*", '"other", "video-1"'])
def test_it_goes_on_when_the_precondition_holds(tags: str) -> None:
    assert decide(If_Match=tags, Range="bytes=0-4") == PART


def test_it_cuts_nothing_out_of_a_video_of_unknown_size() -> None:
    unknown = Version(None, "", None)
    assert ranges.decide("GET", {"Range": "bytes=0-4"}, unknown) == WHOLE
    assert ranges.decide("GET", {"If-None-Match": '"video-1"'}, unknown) == WHOLE
    assert ranges.decide("GET", {"If-None-Match": '""'}, unknown) == WHOLE
    assert ranges.decide("GET", {"If-Match": '"video-1"'}, unknown) == Decision(412)
    assert ranges.decide("GET", {"If-Modified-Since": LATER}, unknown) == WHOLE


def test_it_dates_the_video_to_the_second() -> None:
    assert ranges.last_modified(VIDEO) == THEN
    assert ranges.last_modified(Version(1, "", None)) is None
