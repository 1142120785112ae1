"""An API key in memory: prints masked, pickles as the masked text, and compares in constant time."""

import hmac
import re
from bisect import bisect_right
from typing import Final

from dashboard.logs.encodings import encodings_of

_SENDABLE: Final = re.compile(r"[!-~]{1,1024}")
_SHORT: Final = 12  # in a key with fewer characters than this, showing four would reveal too much
_ESCAPE: Final = re.compile(r'\\(?:u00([0-9a-f]{2})|([/"\\]))|%([0-9a-f]{2})', re.IGNORECASE)


class Secret:
    """A key to send as `Authorization: Bearer`. Only `reveal()` returns the text.

    Raises ValueError, without the text, if it can't be sent in a header: if it is empty, contains whitespace, control
    characters or non-ASCII characters, or has more than 1,024 characters. Strips whitespace at both ends.
    """

    __slots__ = ("_forms", "_text")

    def __init__(self, text: str) -> None:
        stripped = text.strip()
        if not _SENDABLE.fullmatch(stripped):
            raise ValueError("a key is 1 to 1024 printable ASCII characters without spaces")
        self._text = stripped
        self._forms: tuple[str, ...] = ()  # longest first; computed on first use

    def reveal(self) -> str:
        """Returns the key itself."""
        return self._text

    @property
    def last_four(self) -> str:
        """The last four characters, "" if the key is so short that they would reveal too much."""
        return self._text[-4:] if len(self._text) >= _SHORT else ""

    def redact(self, text: str) -> str:
        """Replaces every occurrence of the key in `text` with the masked form, in time proportional to its length.

        Also finds the key in base64, hexadecimal and percent-encoded, alone or after `Bearer`, and every spelling that
        decodes to one of these: with percent-encoding or JSON escapes.
        """
        if len(text) < len(self._text):
            return text
        if not self._forms:
            self._forms = tuple(sorted(encodings_of(self._text), key=len, reverse=True))
        for form in self._forms:
            text = text.replace(form, str(self))
        if "%" not in text and "\\" not in text:
            return text
        plain = _ESCAPE.sub(_read_back, text)
        return self._removed_where_escaped(text, plain) if any(form in plain for form in self._forms) else text

    def _removed_where_escaped(self, text: str, plain: str) -> str:
        """Finds the key in `plain`, which is `text` without escapes, and replaces it in `text`."""
        places = _Places(text)
        pieces, done = [], 0
        for start, stop in _spans(plain, self._forms):
            pieces += [text[done : places.of(start)], str(self)]
            done = places.of(stop)
        return "".join([*pieces, text[done:]])

    def __str__(self) -> str:
        return f"{'sk-' if self._text.startswith('sk-') else ''}…{self.last_four}"

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text, other._text)

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        # Unpickling yields the masked text as a string, which has no `reveal`, so it can't be sent as a key.
        return str, (str(self),)


def _read_back(escape: re.Match[str]) -> str:
    return escape[2] or chr(int(escape[1] or escape[3], 16))


class _Places:
    """Maps positions in the unescaped text to positions in the text itself."""

    def __init__(self, text: str) -> None:
        self._plain = [0]  # where each stretch without escapes begins, in the unescaped text ...
        self._text = [0]  # ... and in the original
        shorter = 0
        for escape in _ESCAPE.finditer(text):
            shorter += escape.end() - escape.start() - 1
            self._plain.append(escape.end() - shorter)
            self._text.append(escape.end())

    def of(self, position: int) -> int:
        last = bisect_right(self._plain, position) - 1
        return self._text[last] + position - self._plain[last]


def _spans(text: str, forms: tuple[str, ...]) -> list[tuple[int, int]]:
    """Returns where any of the forms occur, from left to right. Merges overlapping spans."""
    found = []
    for form in forms:
        start = text.find(form)
        while start >= 0:
            found.append((start, start + len(form)))
            start = text.find(form, start + len(form))
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged
