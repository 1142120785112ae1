"""Takes secrets out of a text before it is written anywhere, and everything that could forge a line.

Two nets: the shapes that secrets have, and the very secrets that this process has held.
"""

import re
from typing import Final
from urllib.parse import quote

SHORTEST: Final = 8  # characters; a shorter one would be found in ordinary words
MOST: Final = 4_000  # beginnings remembered, the latest ones

_SHAPES: Final = (
    (re.compile(r"\b(Bearer|Basic)(\s+|%20)[^\s\"',;]+", re.IGNORECASE), r"\1\2…"),
    (re.compile(r"\bsk-[A-Za-z0-9_-]{4,}"), "sk-…"),
    (re.compile(r"(/(?:s|join)/+)[^/?#\s\"'<>]+"), r"\1…"),  # a share link, an invitation
    (re.compile(r"\b([a-z][a-z0-9+.-]*://)[^\s/@\"'<>]+@", re.IGNORECASE), r"\1…@"),  # user:password
    (re.compile(r"(\bhttps?://[^\s?\"'<>]*)\?[^\s\"'<>]+", re.IGNORECASE), r"\1?…"),  # a signed address
    (re.compile(r"\bgAAAA[A-Za-z0-9_-]{20,}={0,2}"), "…"),  # what Fernet has sealed
    (re.compile(r"\b((?:__Host-|reelboard_)(?:session|csrf)=)[^;\s\"',]+"), r"\1…"),
)
# C0, DEL, C1, the separators that some readers take for line ends, and the marks that turn text round.
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

_known: dict[str, frozenset[str]] = {}  # by their beginnings, so that a thousand of them cost a line no more than one


def remember(*secrets: str) -> None:
    """From now on these texts are masked wherever they stand."""
    for secret in secrets:
        if len(secret) < SHORTEST:
            continue
        for form in {secret, quote(secret, safe="")}:
            head = form[:SHORTEST]
            _known[head] = _known.pop(head, frozenset()) | {form}
    while len(_known) > MOST:
        _known.pop(next(iter(_known)), None)


def masked(text: str) -> str:
    for secret in sorted(_held_in(text), key=len, reverse=True):
        text = text.replace(secret, "…")
    for shape, put in _SHAPES:
        text = shape.sub(put, text)
    return text


def _held_in(text: str) -> set[str]:
    starts = range(len(text) - SHORTEST + 1)
    heads = [head for start in starts if (head := text[start : start + SHORTEST]) in _known]
    return {secret for head in heads for secret in _known.get(head, ()) if secret in text}


def known_in(text: str) -> set[str]:
    """The secrets that this process has held and that stand in the text."""
    return _held_in(text)


def escaped(text: str) -> str:
    """On one line, and harmless to a terminal."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
