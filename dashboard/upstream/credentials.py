"""Finds API keys and other credentials in text that should be something else: a task ID, a search, a label.

Pure. All repetitions in the patterns are bounded, so the time is linear in the length of the text.
"""

import re
from collections.abc import Iterable
from typing import Final

REMOVED: Final = "removed-key"  # replaces each credential in the text
SURE: Final = 20  # characters after "Bearer" that can't be an ordinary word
_SHORTEST: Final = 16  # characters of a known secret; a shorter one could be an ordinary word

_VALUE: Final = r"""["']?[^\s"'\\,;&]"""
_PATTERNS: Final = (
    # A header, as in curl commands and code, with any value.
    re.compile(
        rf"\b(?:proxy-)?authorization[\"']?\s{{0,8}}[:=]\s{{0,8}}[\"']?(?:(?:bearer|basic|token|key)\s{{1,8}})?"
        rf"{_VALUE}{{1,4096}}",
        re.IGNORECASE,
    ),
    re.compile(r"\bcookie[\"']?\s{0,8}:\s{0,8}[^\"'\r\n]{1,4096}", re.IGNORECASE),
    re.compile(
        r"\b(?:goog[-_])?(?:api[-_]?key|access[-_]?token|auth[-_]?token|secret[-_]?key|client[-_]?secret)"
        rf"[\"']?\s{{0,8}}[:=]\s{{0,8}}{_VALUE}{{8,4096}}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\bbearer(?:\s|%20|[:=+]){{1,8}}(?=[^\s\"']{{0,{SURE}}}[0-9]|[^\s\"']{{{SURE}}}){_VALUE}{{8,4096}}", re.I
    ),
    re.compile(r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{5,1024}"),
    re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{8,4096}(?:\.[A-Za-z0-9_-]{0,2048})?"),  # JWT
    re.compile(r"(?:__Host-|reelboard_)(?:session|csrf)=[A-Za-z0-9]{8,64}"),
    re.compile(r"(?<!\S)(?:-u|--user)[\s=]{1,8}[\"']?[^\s\"':]{0,256}:[^\s\"']{1,1024}"),
    re.compile(r"(?<=://)[^\s/@:\"'<>]{0,256}:[^\s/@\"'<>]{1,512}(?=@)"),
)


def redacted(text: str, known: Iterable[str] = ()) -> str:
    """Replaces each credential in the text with REMOVED. `known`: secrets to find whatever they look like."""
    for secret in known:
        if len(secret) >= _SHORTEST and not secret.isalpha():
            text = text.replace(secret, REMOVED)
    for pattern in _PATTERNS:
        text = pattern.sub(REMOVED, text)
    return text


def are_in(text: str, known: Iterable[str] = ()) -> bool:
    return redacted(text, known) != text
