"""Removes secrets from text before it is written, and everything that could forge a log line.

Three nets: the shapes that secrets have, the secrets of this installation, and the API keys that this process has held.
All of them take time in proportion to the text, whatever stands in it, and what comes from outside is cut before.
"""

import re
from collections.abc import Callable
from typing import Final

from dashboard.logs.known_secrets import KnownSecrets

LONGEST: Final = 1_000  # characters that are written of one text from outside
OVERLAP: Final = 1_100  # characters beyond the cut that are looked at: a secret that lies across it is seen whole
MOST: Final = 2_000  # API keys remembered, the latest ones
SHORTEST_KEY: Final = 16  # characters; what is shorter may be a word or a path that somebody entered as a key

# No two tries of a pattern may go over the same characters: each begins with a literal that the run after it cannot
# hold, takes all that it may (`+` followed by nothing that could fail, or `++`), or is bounded.
_SHAPES: Final[tuple[tuple["re.Pattern[str]", "str | Callable[[re.Match[str]], str]"], ...]] = (
    (re.compile(r"\b(Bearer|Basic)(\s++|%20)[^\s\"',;]+", re.IGNORECASE), r"\1\2…"),
    (re.compile(r"\bsk-[A-Za-z0-9_-]{4,}"), "sk-…"),
    (re.compile(r"(?<=/)((?:(?:s|join|setup|reset)/++)+)[^/?#\s\"'<>]+"), r"\1…"),  # tokens of links
    (re.compile(r"(://)[^\s/\"'<>]+@"), r"\1…@"),  # user:password
    (re.compile(r"\bhttps?://[^\s\"'<>]++"), lambda found: _without_query(found[0])),  # a signed address
    (re.compile(r"\bgAAAA[A-Za-z0-9_-]{20,}={0,2}"), "…"),  # what Fernet has sealed
    (re.compile(r"\b((?:__Host-|reelboard_)(?:session|csrf)=)[^;\s\"',]+"), r"\1…"),
)
# What RFC 6750 lets stand after `Bearer`. A path begins with a slash.
_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~+/=:-]*")
_KINDS: Final = (str.islower, str.isupper, str.isdigit)
# C0, DEL, C1, the separators that some readers take for line ends, and the marks that turn text round.
_UNPRINTABLE: Final = (
    *(range(0x20), range(0x7F, 0xA0), range(0x2028, 0x202F), range(0x2066, 0x206A)),
    (0x061C, 0x200E, 0x200F),
)
_ESCAPES: Final = {code: chr(code).encode("unicode_escape").decode() for codes in _UNPRINTABLE for code in codes}

_known = KnownSecrets(MOST)


class Structural(str):
    """A part of a line that members cannot be allowed to blank for each other: a method, a path.

    Keys are not looked for in it, the shapes of secrets are.
    """

    __slots__ = ()


def protect(*secrets: str) -> None:
    """Masks these texts of at least 8 characters from now on: the installation's own secrets."""
    for secret in secrets:
        _known.add(secret, permanent=True)


def remember_secrets(*secrets: str) -> None:
    """Masks these texts from now on if they look like API keys. Later ones replace the earliest."""
    for secret in secrets:
        if looks_like_key(secret):
            _known.add(secret)


def looks_like_key(text: str) -> bool:
    """Whether a text is too long and too mixed for a word or a path.

    Members choose what they enter as a key: what is masked for everybody must not be theirs to choose.
    """
    if len(text) < SHORTEST_KEY or len(set(text)) < 8 or not _KEY.fullmatch(text):
        return False
    if len(set(text[-SHORTEST_KEY:])) < 5:  # what ends in one sign again and again would be looked for everywhere
        return False
    kinds = sum(any(map(is_kind, text)) for is_kind in _KINDS)
    return kinds > 1 or (text.isalnum() and len(text) >= SHORTEST_KEY * 3 // 2)


def mask(text: str) -> str:
    """The text without secrets. Takes no more than a microsecond for ten characters, so bound what is large."""
    return shapes_masked(_known.masked(text))


def shapes_masked(text: str) -> str:
    """Returns the text without anything that looks like a secret."""
    for shape, put in _SHAPES:
        text = shape.sub(put, text)
    return text


def excerpt(text: str, most: int = LONGEST) -> str:
    """The beginning of a text from outside, masked; of one that is cut, up to `OVERLAP` characters less than `most`."""
    apply = shapes_masked if isinstance(text, Structural) else mask
    if len(text) <= most:
        return apply(text)
    window = text[: most + OVERLAP]
    # Masking only shortens, so what came from behind the cut, with half a secret at its end, is within these.
    return f"{apply(window)[: most - len(window)]}… ({len(text):,} characters)"


def _without_query(url: str) -> str:
    before, _, query = url.partition("?")
    return f"{before}?…" if query else url


def known_in(text: str) -> set[str]:
    """Returns the secrets in the text that this process knows."""
    return _known.held_in(text)


def escape_control_characters(text: str) -> str:
    """Returns the text on one line, harmless to a terminal."""
    return text if text.isprintable() else text.translate(_ESCAPES)
