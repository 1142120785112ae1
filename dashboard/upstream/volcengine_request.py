"""Builds requests for the Volcengine API: a prompt, and images, videos and audio, each with a role. Pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext

from dashboard.upstream.json_body import DataUrl

RATIOS: Final = {"21:9": 21 / 9, "16:9": 16 / 9, "4:3": 4 / 3, "1:1": 1.0, "3:4": 3 / 4, "9:16": 9 / 16}
# Pixels per frame: a resolution is named after the short side at 16:9; other ratios have about as many pixels.
RESOLUTIONS: Final = {"480p": 854 * 480, "720p": 1280 * 720, "1080p": 1920 * 1080}
_RATIO_TOLERANCE: Final = 0.04
_PIXELS_TOLERANCE: Final = 0.2
_NAMES: Final = {"fps": "framespersecond"}  # our name: its name in the API


@dataclass(frozen=True, slots=True)
class MediaPart:
    """`kind`: image, video or audio. `role`: first_frame, last_frame, or "reference_" followed by the kind."""

    kind: str
    role: str
    url: str | DataUrl


def volcengine_request(
    prompt: str, media: Iterable[MediaPart], options: Mapping[str, object], metadata: Mapping[str, object]
) -> dict[str, object]:
    """Returns the request as a JSON object.

    `options` use the names of the other API, including width and height, see `shape_of`. `metadata` is passed through.
    Raises ValueError, with a message for users, for a size that the API can't express.
    """
    given = dict(options)
    width, height = given.pop("width", None), given.pop("height", None)
    shape = shape_of(int(str(width)), int(str(height))) if width and height else {}
    duration = given.get("duration")
    if isinstance(duration, float) and duration.is_integer():
        given["duration"] = int(duration)
    parts: list[dict[str, object]] = [{"type": "text", "text": prompt}]
    parts += [{"type": f"{one.kind}_url", f"{one.kind}_url": {"url": one.url}, "role": one.role} for one in media]
    renamed = {_NAMES.get(name, name): value for name, value in given.items()}
    return {**metadata, **shape, **renamed, "content": parts}


def shape_of(width: int, height: int) -> dict[str, object]:
    """Returns the ratio and the resolution for a size in pixels. Raises ValueError, with a message
    for users, if there are none.
    """
    ratio = min(RATIOS, key=lambda name: abs(math.log(RATIOS[name] * height / width)))
    resolution = min(RESOLUTIONS, key=lambda name: abs(math.log(RESOLUTIONS[name] / (width * height))))
    if (
        abs(math.log(RATIOS[ratio] * height / width)) > _RATIO_TOLERANCE
        or abs(math.log(RESOLUTIONS[resolution] / (width * height))) > _PIXELS_TOLERANCE
    ):
        text = gettext(
            "This model supports %(ratios)s at %(resolutions)s, for example 1280 × 720. "
            "%(width)s × %(height)s isn't supported."
        )
        values = {"ratios": ", ".join(RATIOS), "resolutions": ", ".join(RESOLUTIONS), "width": width, "height": height}
        raise ValueError(text % values)
    return {"ratio": ratio, "resolution": resolution}
