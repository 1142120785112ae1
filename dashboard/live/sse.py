"""Server-sent events on the wire, pure.

The format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream. Only CR, LF and CRLF
end a line there (not U+2028, as `str.splitlines` has it), so these three are all that text could break out with.
"""

import re
from typing import Final, Literal, get_args

Event = Literal["task", "gone", "changed", "counts", "tick", "resync", "close"]
EVENTS: Final = frozenset(get_args(Event))

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_CURSOR: Final = re.compile(r"[0-9]{1,18}")  # fits a signed 64-bit integer


def frame(event: Event, data: str, cursor: int) -> bytes:
    """One event with its id. Its reader gets `data` with every line end as LF, and "?" for a lone surrogate."""
    if event not in EVENTS:
        raise ValueError(f"{event!r} is not one of {', '.join(sorted(EVENTS))}")
    if cursor < 0:
        raise ValueError(f"a cursor is 0 or more, not {cursor}")
    lines = _LINE_END.sub("\ndata: ", data)
    return f"id: {cursor:d}\nevent: {event}\ndata: {lines}\n\n".encode("utf-8", "replace")


def retry(milliseconds: int) -> bytes:
    """What opens a stream: the pause before a reconnect, for clients that leave it to the browser."""
    return f"retry: {milliseconds:d}\n\n".encode()


def cursor_of(text: str) -> int:
    """The cursor that a client came back with. Raises ValueError for all but ASCII digits, at most 18 of them."""
    if not _CURSOR.fullmatch(text):
        raise ValueError("not a cursor")
    return int(text)
