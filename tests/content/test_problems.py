"""content.problems: which page follows from which error."""

import pytest

from dashboard.content import problems
from dashboard.content.opened_video import Changed, Unmeasured
from dashboard.content.seats import Busy
from dashboard.content.sources import Gone, NoSource
from dashboard.upstream import errors


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.TimedOut("slow"), 504),
        (errors.Unavailable("down"), 502),
        (errors.KeyRefused("no", status=403), 502),
        (errors.TaskNotFound("who?"), 404),
        (errors.NotReady("wait"), 409),
        (errors.NotVideo("page"), 502),
        (errors.InvalidResponse("what?"), 502),
        (errors.Misconfigured("page"), 502),
        (errors.BlockedAddress("private"), 502),
        (Gone("late"), 410),
        (Changed("new"), 502),
        (Unmeasured("how long?"), 502),
        (NoSource("none"), 502),
    ],
)
def test_it_tells_each_error_by_its_status(error: errors.UpstreamError, status: int) -> None:
    problem = problems.of_error(error)
    assert (problem.status, problem.retry_after) == (status, None)


def test_it_says_when_to_come_back() -> None:
    assert problems.of_error(errors.RateLimited("wait", retry_after=7.0)).retry_after == 7.0
    assert problems.of_error(errors.RateLimited("wait")).retry_after == 30.0
    assert problems.of_error(Busy()).retry_after == 5.0
