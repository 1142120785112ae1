"""An API key in memory: it prints masked, compares in constant time and never travels by accident."""

import hmac
import re
from typing import Final

_SENDABLE: Final = re.compile(r"[!-~]{1,1024}")
_SHORT: Final = 12  # below this many characters four of them would give too much away
_BACKSLASHED: Final = frozenset('/"\\')  # what JSON may, or must, spell with a backslash before it
_ESCAPE: Final = re.compile(r'\\(?:u00([0-9a-f]{2})|([/"\\]))|%([0-9a-f]{2})', re.IGNORECASE)


class Secret:
    """A key to be sent as `Authorization: Bearer`; the text comes out through `reveal()` alone.

    Raises ValueError, without the text, for what cannot be sent in a header: nothing at all, white space or control
    characters inside, characters beyond ASCII, more than 1,024 of them. White space at either end is dropped.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        stripped = text.strip()
        if not _SENDABLE.fullmatch(stripped):
            raise ValueError("a key is 1 to 1024 printable ASCII characters without spaces")
        self._text = stripped

    def reveal(self) -> str:
        """The key itself."""
        return self._text

    @property
    def last_four(self) -> str:
        """The last four characters, empty for a key so short that they would give it away."""
        return self._text[-4:] if len(self._text) >= _SHORT else ""

    def removed_from(self, text: str) -> str:
        """`text` with every occurrence of the key replaced by the masked form.

        Also found are spellings that are read back as the key further on: percent-encoded, and JSON's escapes.
        """
        text = text.replace(self._text, str(self))
        # Looked for first where it is cheap: the pattern is slow on text that nearly fits, again and again.
        if self._text not in _ESCAPE.sub(_read_back, text):
            return text
        return re.sub("".join(map(_spelt, self._text)), str(self), text)

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
        # A pickle comes back as plain masked text: no `reveal`, so it can't be sent anywhere as a key.
        return str, (str(self),)


def _read_back(escape: re.Match[str]) -> str:
    return escape[2] or chr(int(escape[1] or escape[3], 16))


def _spelt(sign: str) -> str:
    """A pattern of all the ways to write a character."""
    code = f"{ord(sign):02x}"
    backslashed = rf"\\{re.escape(sign)}|" if sign in _BACKSLASHED else ""
    return rf"(?:{re.escape(sign)}|{backslashed}%(?i:{code})|\\u00(?i:{code}))"
