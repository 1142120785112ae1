"""The short pages shown in place of a video: what happened, in plain words, and what to do."""

import math
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop

from dashboard.content.opened_video import Changed, Picture, Unmeasured
from dashboard.content.seats import Busy
from dashboard.content.sources import AddressNeedsKey, Gone, NoSource
from dashboard.tasks import states
from dashboard.tasks.models import Video
from dashboard.upstream import errors
from dashboard.upstream.error_texts import localized
from dashboard.upstream.errors import UpstreamError

RATE_LIMITED_RETRY_AFTER = 30.0  # seconds, if the gateway did not say


@dataclass(frozen=True, slots=True)
class Problem:
    """What a page says, in English."""

    status: int
    title: str
    sentence: str
    advice: str
    retry_after: float | None = None  # seconds


ELSEWHERE = Problem(
    403,
    gettext_noop("Not allowed from there"),
    gettext_noop("Another site asked for this video."),
    gettext_noop("Open it from the dashboard, or paste its URL."),
)
WAITING = Problem(
    409,
    gettext_noop("Not ready yet"),
    gettext_noop("The video is still being generated."),
    gettext_noop("It plays here when it's finished."),
)
FAILED = Problem(
    409,
    gettext_noop("No video"),
    gettext_noop("This task failed, so there is no video."),
    gettext_noop("Its page says why."),
)
NOT_READY = Problem(
    409,
    gettext_noop("Not ready yet"),
    gettext_noop("The gateway is still preparing the video."),
    gettext_noop("Try again in a few seconds."),
)
GONE = Problem(
    410,
    gettext_noop("Video unavailable"),
    gettext_noop("Neither the gateway nor the URL it gave has this video."),
    gettext_noop("Ask the person who made it for a copy. The task's page shows what the gateway says."),
)
NOT_FOUND = Problem(
    404,
    gettext_noop("Not found"),
    gettext_noop("The gateway doesn't know this video."),
    gettext_noop("It may have been removed there, or belong to another key."),
)
ADDRESS_NEEDS_KEY = Problem(
    502,
    gettext_noop("URL requires a key"),
    gettext_noop("The video's URL requires a key, and the gateway's key can't be sent there."),
    gettext_noop("Ask the gateway's operator to serve the video itself, or at a URL that needs no key."),
)
KEY_REFUSED = Problem(
    502,
    gettext_noop("Key refused"),
    gettext_noop("The gateway refused this task's API key."),
    gettext_noop("Its owner can test or replace the key."),
)
NO_SOURCE = Problem(
    502,
    gettext_noop("No key"),
    gettext_noop("This task's key can no longer be used, and its video has no other URL."),
    gettext_noop("It was revoked, it can't be decrypted, or its owner's account is deactivated."),
)
BUSY = Problem(
    503,
    gettext_noop("Too many videos at once"),
    gettext_noop("Too many videos are playing right now."),
    gettext_noop("Close one, then try again."),
    5.0,
)
RATE_LIMITED = Problem(
    503,
    gettext_noop("Rate limited"),
    gettext_noop("The gateway is limiting requests."),
    gettext_noop("Try again a little later."),
)
DOWN = Problem(
    502,
    gettext_noop("Gateway error"),
    gettext_noop("The gateway couldn't deliver the video."),
    gettext_noop("Try again in a minute; nothing is lost."),
)
TOO_SLOW = Problem(
    504,
    gettext_noop("Gateway timed out"),
    gettext_noop("The gateway took too long to respond."),
    gettext_noop("Try again in a minute; nothing is lost."),
)
NOT_VIDEO = Problem(
    502,
    gettext_noop("Not a video"),
    gettext_noop("The gateway sent something that isn't a video."),
    gettext_noop("Contact an admin if this keeps happening."),
)
GARBLED = Problem(
    502,
    gettext_noop("Invalid response"),
    gettext_noop("The gateway's response contradicts itself, so it isn't shown."),
    gettext_noop("Contact an admin if this keeps happening."),
)
UNMEASURED = Problem(
    502,
    gettext_noop("Unknown length"),
    gettext_noop("The gateway doesn't report this video's length, so an incomplete one could pass for the whole."),
    gettext_noop("Contact an admin."),
)
CHANGED = Problem(
    502,
    gettext_noop("The video has changed"),
    gettext_noop("The gateway now sends a different video."),
    gettext_noop("Reload the page to see it."),
)
PICTURE = Problem(
    409,
    gettext_noop("Not a video"),
    gettext_noop("The file is a picture, not a video."),
    gettext_noop("Download it to look at it."),
)
FORBIDDEN_ADDRESS = Problem(
    502,
    gettext_noop("URL not allowed"),
    gettext_noop("The video is at an address that isn't allowed."),
    gettext_noop("An admin can allow it."),
)

# The first match counts, so subclasses come before their base classes.
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
    """Returns why the task has no video, or none yet; None if it should have one."""
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
    """Renders the page in the active language. It is never cached, as the next try may succeed."""
    shown = replace(
        problem,
        title=gettext(problem.title),
        sentence=localized(problem.sentence),
        advice=gettext(problem.advice),
    )
    response = render(request, "content/video_error.html", {"problem": shown}, status=problem.status)
    response["Cache-Control"] = "no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    if problem.retry_after is not None:
        response["Retry-After"] = str(math.ceil(problem.retry_after))
    return response
