"""Parses the JSON of a create call, as strictly as a gateway does."""

import json
from collections.abc import Mapping

from dashboard.demo.state import number

# name: (minimum, maximum, integers only)
BOUNDS = {
    "duration": (0.5, 120, False),
    "width": (64, 4096, True),
    "height": (64, 4096, True),
    "fps": (1, 120, True),
    "seed": (0, 2**63, True),
    "n": (1, 4, True),
}

MOST_PARTS = {"image_url": 9, "video_url": 3, "audio_url": 3}
ROLES = {
    "image_url": ("first_frame", "last_frame", "reference_image"),
    "video_url": ("reference_video",),
    "audio_url": ("reference_audio",),
}


class Refused(Exception):
    """The request is not acceptable; the message says why."""


def read(body: bytes) -> Mapping[str, object]:
    """Returns the parameters of a create call. Raises Refused."""
    try:
        asked: object = json.loads(body)
    except ValueError:
        raise Refused("The body is not valid JSON.") from None
    if not isinstance(asked, dict):
        raise Refused("The body must be a JSON object.")
    for name in ("model", "prompt"):
        if not isinstance(asked.get(name), str) or not asked[name].strip():
            raise Refused(f"The field '{name}' is required.")
    for name in BOUNDS:
        check(name, asked.get(name))
    if not isinstance(asked.get("metadata"), dict | None):
        raise Refused("The field 'metadata' must be an object.")
    return asked


def read_content(body: bytes) -> Mapping[str, object]:
    """Returns the parameters of a content generation task, with the prompt from its text parts. Raises Refused."""
    try:
        asked: object = json.loads(body)
    except ValueError:
        raise Refused("The body is not valid JSON.") from None
    if not isinstance(asked, dict) or not isinstance(asked.get("model"), str):
        raise Refused("The field 'model' is required.")
    parts = asked.get("content")
    if not isinstance(parts, list) or not parts:
        raise Refused("The field 'content' must be a list of parts.")
    prompt, counts = "", dict.fromkeys(MOST_PARTS, 0)
    for part in parts:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text" and isinstance(part.get("text"), str):
            prompt += part["text"]
        elif kind in MOST_PARTS and part.get("role") in ROLES[kind] and _has_url(part[kind]):
            counts[kind] += 1
        else:
            raise Refused(f"The part {str(part)[:100]!r} is not valid.")
    for kind, most in MOST_PARTS.items():
        if counts[kind] > most:
            raise Refused(f"At most {most} parts of type {kind!r} are allowed.")
    return {"model": asked["model"], "prompt": prompt, "seed": asked.get("seed"), "duration": asked.get("duration")}


def _has_url(value: object) -> bool:
    url = value.get("url") if isinstance(value, dict) else None
    return isinstance(url, str) and url.startswith(("http://", "https://", "data:"))


def check(name: str, value: object) -> None:
    """Raises Refused unless the number is absent or within its bounds."""
    least, most, whole = BOUNDS[name]
    if value is None:
        return
    found = number(value)
    if found is None or not least <= found <= most or (whole and found != int(found)):
        raise Refused(f"The field '{name}' must be a number from {least} to {most}.")
