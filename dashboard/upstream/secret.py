"""An API key in memory: it prints masked, compares in constant time and never travels by accident."""

import hmac
import re
from typing import Final
from urllib.parse import quote

_SENDABLE: Final = re.compile(r"[!-~]{1,1024}")
_SHORT: Final = 12  # below this many characters four of them would give too much away


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
        """`text` with every occurrence of the key, plain or percent-encoded, replaced by the masked form."""
        return text.replace(self._text, str(self)).replace(quote(self._text, safe=""), str(self))

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
