"""Reads the JSON of a create call, as strictly as a gateway does."""

import json
from collections.abc import Mapping

from dashboard.demo.state import number

# name: (least, most, whole numbers only)
BOUNDS = {
    "duration": (0.5, 120, False),
    "width": (64, 4096, True),
    "height": (64, 4096, True),
    "fps": (1, 120, True),
    "seed": (0, 2**63, True),
    "n": (1, 4, True),
}


class Refused(Exception):
    """The order is not acceptable; the text says why."""


def read(body: bytes) -> Mapping[str, object]:
    """The order. Raises Refused."""
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


def check(name: str, value: object) -> None:
    """Raise Refused unless the number is absent or within its bounds."""
    least, most, whole = BOUNDS[name]
    if value is None:
        return
    found = number(value)
    if found is None or not least <= found <= most or (whole and found != int(found)):
        raise Refused(f"The field '{name}' must be a number from {least} to {most}.")
