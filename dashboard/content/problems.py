"""The short pages shown in place of a video: what happened, in a member's words, and what to do."""

import math
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.content.opened_video import Changed, Picture, Unmeasured
from dashboard.content.seats import Busy
from dashboard.content.sources import AddressNeedsKey, Gone, NoSource
from dashboard.tasks import states
from dashboard.tasks.models import Video
from dashboard.upstream import errors
from dashboard.upstream.errors import UpstreamError

RATE_LIMITED_RETRY_AFTER = 30.0  # seconds, when the gateway did not say


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    title: str
    sentence: str
    advice: str
    retry_after: float | None = None  # seconds


ELSEWHERE = Problem(
    403, "Not from there", "Another site asked for this video.", "Open it from the dashboard, or paste its address."
)
WAITING = Problem(409, "Not ready yet", "The video is still being made.", "It plays here as soon as it is finished.")
FAILED = Problem(409, "No video", "This task failed, so there is no video.", "Its page says why.")
NOT_READY = Problem(
    409, "Not ready yet", "The gateway is still putting the video in place.", "Try again in a few seconds."
)
GONE = Problem(
    410,
    "Video not there",
    "Neither the gateway nor the address that it gave has this video.",
    "Ask whoever made it for a copy. The task's page shows what the gateway says.",
)
NOT_FOUND = Problem(
    404,
    "Not found",
    "The gateway does not know this video.",
    "It may have been removed there, or belong to another key.",
)
ADDRESS_NEEDS_KEY = Problem(
    502,
    "Address refused",
    "The video lies at an address that asks for a key, and the gateway's key may not be sent there.",
    "Ask whoever runs the gateway to deliver the video itself, or under an address that needs no key.",
)
KEY_REFUSED = Problem(
    502, "Key refused", "The gateway refused the key of this task.", "Its owner can test or replace the key."
)
NO_SOURCE = Problem(
    502,
    "No key",
    "The key of this task can't be used any more, and its video has no other address.",
    "It was revoked, it can't be decrypted, or the account of its owner is closed.",
)
BUSY = Problem(
    503, "Too many videos at once", "All places for playing videos are taken.", "Close one, then try again.", 5.0
)
RATE_LIMITED = Problem(503, "One moment", "The gateway asks us to slow down.", "Try again a little later.")
DOWN = Problem(
    502, "Gateway out of order", "The gateway could not deliver the video.", "Try again in a minute; nothing is lost."
)
TOO_SLOW = Problem(504, "Too slow", "The gateway took too long to begin.", "Try again in a minute; nothing is lost.")
NOT_VIDEO = Problem(
    502, "Not a video", "The gateway sent something that is not a video.", "Tell an admin if it stays so."
)
GARBLED = Problem(
    502,
    "Broken answer",
    "The gateway's answer contradicts itself, so it is not shown.",
    "Tell an admin if it stays so.",
)
UNMEASURED = Problem(
    502,
    "No length",
    "The gateway does not say where this video ends, so half of one could pass for all.",
    "Tell an admin.",
)
CHANGED = Problem(
    502, "The video has changed", "The gateway sends another video than before.", "Load the page again to see that one."
)
PICTURE = Problem(409, "Not a video", "What came is a picture, and not a video.", "Download it to look at it.")
FORBIDDEN_ADDRESS = Problem(
    502, "Address not allowed", "The video lies at an address that may not be opened.", "An admin can allow it."
)

# The first that fits; a class stands before the one it is made from.
OF_ERRORS: tuple[tuple[type[Exception], Problem], ...] = (
    (Busy, BUSY),
    (NoSource, NO_SOURCE),
    (Changed, CHANGED),
    (Unmeasured, UNMEASURED),
    (Picture, PICTURE),
    (Gone, GONE),
    (AddressNeedsKey, ADDRESS_NEEDS_KEY),
    (errors.KeyRefused, KEY_REFUSED),
    (errors.RateLimited, RATE_LIMITED),
    (errors.TimedOut, TOO_SLOW),
    (errors.Unavailable, DOWN),
    (errors.NotVideo, NOT_VIDEO),
    (errors.BlockedAddress, FORBIDDEN_ADDRESS),
    (errors.NotReady, NOT_READY),
    (errors.TaskNotFound, NOT_FOUND),
    (errors.UpstreamError, GARBLED),
)


def of_video(video: Video) -> Problem | None:
    """Why there can be no video yet, or ever; None when there should be one."""
    status = video.task.status if video.task else states.FAILED
    if status == states.COMPLETED:
        return None
    return FAILED if status == states.FAILED else WAITING


def of_error(error: UpstreamError | Busy) -> Problem:
    problem = next(problem for kind, problem in OF_ERRORS if isinstance(error, kind))
    if isinstance(error, errors.NotVideo | errors.BlockedAddress | Picture):
        return replace(problem, sentence=error.message)
    if isinstance(error, errors.RateLimited):
        return replace(problem, retry_after=error.retry_after or RATE_LIMITED_RETRY_AFTER)
    return problem


def page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The page, never kept by a cache: the next try may go well."""
    response = render(request, "content/video_error.html", {"problem": problem}, status=problem.status)
    response["Cache-Control"] = "no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    if problem.retry_after is not None:
        response["Retry-After"] = str(math.ceil(problem.retry_after))
    return response
