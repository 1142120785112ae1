"""Finds words in scripts that can't be translated: strings that look like text, outside the calls of t() and tn()."""

import re
from collections.abc import Iterator

# Header fields, keys, events and other names.
UNTRANSLATED = frozenset(
    {
        *("Content-Type", "HX-Request", "HX-Trigger", "Retry-After", "X-Background"),
        *("ArrowDown", "ArrowUp", "Enter", "Escape"),
        *("DOMContentLoaded", "Files", "Notification", "ProRes"),
    }
)
_STRING = r'"(?:[^"\\\n]|\\.)*"'
_COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
_TRANSLATED = re.compile(rf"\bt\(\s*{_STRING}\s*[,)]|\btn\(\s*{_STRING},\s*{_STRING},")
_CALL = re.compile(r"(?<!function )\btn?\([^\n]*")
_LITERAL = re.compile(rf"{_STRING}|`[^`]*`")
_CAPITALIZED = re.compile(r"\b[A-Z][a-z]")


def literals(script: str) -> Iterator[str]:
    """Yields each literal with a capitalized word, and each call of t() or tn() whose text isn't a literal."""
    bare = _TRANSLATED.sub(" ", _COMMENT.sub(" ", script))
    yield from (found.strip() for found in _CALL.findall(bare))
    for found in _LITERAL.findall(bare):
        text = re.sub(r"\$\{[^}]*\}", " ", found[1:-1]).strip()
        if _CAPITALIZED.search(text) and text not in UNTRANSLATED:
            yield text
