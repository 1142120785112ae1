"""Removes secrets from text before it is logged, and escapes anything that could forge a log line.

Finds secrets in three ways: by their format, as secrets of this installation, and as API keys that this process has
used. All of them take time proportional to the text's length, whatever it contains. Text from outside is shortened
first.
"""

import re
from collections.abc import Callable
from typing import Final

from dashboard.logs.known_secrets import KnownSecrets

LONGEST: Final = 1_000  # characters logged of one text from outside
OVERLAP: Final = 1_100  # characters checked beyond the cut, so that a secret across the cut is found
MOST: Final = 2_000  # API keys remembered; the most recent ones
SHORTEST_KEY: Final = 16  # characters; anything shorter may be a word or a path that someone entered as a key

# To avoid quadratic time, no two attempts of a pattern may scan the same characters. So each pattern starts with a
# literal that its repetition can't contain, is greedy without backtracking (`+` followed by nothing that could fail, or
# `++`), or is bounded.
_SHAPES: Final[tuple[tuple["re.Pattern[str]", "str | Callable[[re.Match[str]], str]"], ...]] = (
    (re.compile(r"\b(Bearer|Basic)(\s++|%20)[^\s\"',;]+", re.IGNORECASE), r"\1\2…"),
    (re.compile(r"\bsk-[A-Za-z0-9_-]{4,}"), "sk-…"),
    (re.compile(r"(?<=/)((?:(?:s|join|setup|reset)/++)+)[^/?#\s\"'<>]+"), r"\1…"),  # tokens in the URLs of links
    (re.compile(r"(://)[^\s/\"'<>]+@"), r"\1…@"),  # user:password
    (re.compile(r"\bhttps?://[^\s\"'<>]++"), lambda found: _without_query(found[0])),  # signed URLs
    (re.compile(r"\bgAAAA[A-Za-z0-9_-]{20,}={0,2}"), "…"),  # Fernet tokens
    (re.compile(r"\b((?:__Host-|reelboard_)(?:session|csrf)=)[^;\s\"',]+"), r"\1…"),
)
# The characters that RFC 6750 allows after `Bearer`, plus a colon. A key can't start with a slash, as paths do.
_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~+/=:-]*")
_KINDS: Final = (str.islower, str.isupper, str.isdigit)
# C0, DEL, C1, separators that some programs treat as line ends, and marks that change the text direction.
_UNPRINTABLE: Final = (
    *(range(0x20), range(0x7F, 0xA0), range(0x2028, 0x202F), range(0x2066, 0x206A)),
    (0x061C, 0x200E, 0x200F),
)
_ESCAPES: Final = {code: chr(code).encode("unicode_escape").decode() for codes in _UNPRINTABLE for code in codes}

_known = KnownSecrets(MOST)


class Structural(str):
    """A part of a log line, such as a method or path, that members must not be able to blank out in others' requests.

    It is masked by format only; known secrets are not replaced.
    """

    __slots__ = ()


def protect(*secrets: str) -> None:
    """Masks the installation's own secrets from now on. Ignores texts shorter than 8 characters."""
    for secret in secrets:
        _known.add(secret, permanent=True)


def remember_secrets(*secrets: str) -> None:
    """Masks these texts from now on if they look like API keys. Beyond `MOST` of them, the oldest are forgotten."""
    for secret in secrets:
        if looks_like_key(secret):
            _known.add(secret)


def looks_like_key(text: str) -> bool:
    """Whether a text is too long and too mixed to be a word or a path.

    Members can enter any text as a key. This keeps them from having arbitrary words masked in everyone's log lines.
    """
    if len(text) < SHORTEST_KEY or len(set(text)) < 8 or not _KEY.fullmatch(text):
        return False
    if len(set(text[-SHORTEST_KEY:])) < 5:  # a repetitive tail would match too often
        return False
    kinds = sum(any(map(is_kind, text)) for is_kind in _KINDS)
    return kinds > 1 or (text.isalnum() and len(text) >= SHORTEST_KEY * 3 // 2)


def mask(text: str) -> str:
    """Returns the text without secrets. Takes up to 1 µs per 10 characters, so shorten large texts first."""
    return shapes_masked(_known.masked(text))


def shapes_masked(text: str) -> str:
    """Returns the text without anything that looks like a secret."""
    for shape, put in _SHAPES:
        text = shape.sub(put, text)
    return text


def excerpt(text: str, most: int = LONGEST) -> str:
    """Returns the beginning of a text from outside, masked.

    If the text is cut, the result may have up to `OVERLAP` characters fewer than `most`.
    """
    apply = shapes_masked if isinstance(text, Structural) else mask
    if len(text) <= most:
        return apply(text)
    window = text[: most + OVERLAP]
    # Masking only shortens text. So dropping this many characters removes everything from beyond the cut, including a
    # partial secret at the end.
    return f"{apply(window)[: most - len(window)]}… ({len(text):,} characters)"


def _without_query(url: str) -> str:
    before, _, query = url.partition("?")
    return f"{before}?…" if query else url


def known_in(text: str) -> set[str]:
    """Returns the known secrets in the text."""
    return _known.held_in(text)


def escape_control_characters(text: str) -> str:
    """Returns the text on one line, with control characters escaped so that it's safe for a terminal."""
    return text if text.isprintable() else text.translate(_ESCAPES)
