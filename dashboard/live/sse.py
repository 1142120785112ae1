"""Encodes server-sent events. Pure.

The format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream. Only CR, LF and CRLF
end a line (not U+2028, unlike in `str.splitlines`), so only these need escaping.
"""

import re
from typing import Final, Literal, get_args

Event = Literal["task", "gone", "changed", "counts", "tick", "resync", "close"]
EVENTS: Final = frozenset(get_args(Event))

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_CURSOR: Final = re.compile(r"[0-9]{1,18}")  # fits a signed 64-bit integer


def frame(event: Event, data: str, cursor: int) -> bytes:
    """Returns an encoded event with its ID. In `data`, turns all line ends into LF and lone surrogates into "?"."""
    if event not in EVENTS:
        raise ValueError(f"{event!r} is not one of {', '.join(sorted(EVENTS))}")
    if cursor < 0:
        raise ValueError(f"a cursor is 0 or more, not {cursor}")
    lines = _LINE_END.sub("\ndata: ", data)
    return f"id: {cursor:d}\nevent: {event}\ndata: {lines}\n\n".encode("utf-8", "replace")


def retry(milliseconds: int) -> bytes:
    """Returns the start of a stream: the delay before a reconnect, for clients that let the browser reconnect."""
    return f"retry: {milliseconds:d}\n\n".encode()


def cursor_of(text: str) -> int:
    """Returns the cursor from a client. Raises ValueError unless it consists of 1 to 18 ASCII digits."""
    if not _CURSOR.fullmatch(text):
        raise ValueError("not a cursor")
    return int(text)
