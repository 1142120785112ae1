"""Reads JSON objects whose names have many spellings. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from dashboard.upstream.answer_tables import normalized

JsonObject: TypeAlias = Mapping[str, object]

MOST_IN_TEXT: Final = 500
_START: Final = re.compile(r"[{\[]")
NOTHING: Final[JsonObject] = {}


def mapping(value: object) -> JsonObject:
    """Returns the value if it is an object, else an empty object."""
    return value if isinstance(value, Mapping) else NOTHING


def by_name(value: JsonObject) -> dict[str, object]:
    """Returns the object's values by normalized name; the first one if two names are the same."""
    named: dict[str, object] = {}
    for name, item in value.items():
        if isinstance(name, str):
            named.setdefault(normalized(name), item)
    return named


def all_in_text(text: str) -> Iterator[object]:
    """Yields every JSON object or list in a text, such as the lines of a log; at most MOST_IN_TEXT."""
    decoder, position = json.JSONDecoder(), 0
    for _ in range(MOST_IN_TEXT):
        start = _START.search(text, position)
        if start is None:
            return
        try:
            found, position = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            position = start.end()
        else:
            yield found


def in_text(text: str) -> object:
    """Returns the JSON object or list in a text, at its beginning or after some words; None if there is none."""
    starts = [at for at in (text.find("{"), text.find("[")) if at >= 0]
    if not starts:
        return None
    try:
        found: object = json.JSONDecoder().raw_decode(text, min(starts))[0]
    except (ValueError, RecursionError):
        return None
    return found
