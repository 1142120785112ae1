"""Finds words in templates that can't be translated: text and attributes outside the gettext tags."""

import re
from collections.abc import Iterator
from html import unescape

ATTRIBUTES = ("alt", "aria-label", "data-confirm", "data-confirm-label", "hx-confirm", "placeholder", "title")
UNTRANSLATED = frozenset({"HTTP", "Enter", "Esc"})  # a protocol, and the labels of keys
_PIECES = re.compile(
    r"(?P<block>\{% blocktranslate.*?%\}.*?\{% endblocktranslate %\})"
    r"|(?P<comment>\{#.*?#\}|<!--.*?-->|<!DOCTYPE[^>]*>)"
    r"|(?P<name>\{% block width %\}\w*\{% endblock %\})"
    r"|(?P<tag>\{%.*?%\}|\{\{.*?\}\})",
    re.DOTALL,
)
_ELEMENT = re.compile(r"</?[a-z][^<>]*>", re.DOTALL)
_ATTRIBUTE = re.compile(rf'(?<![\w-])(?:{"|".join(ATTRIBUTES)})="([^"]*)"')
_WORD = re.compile(r"[^\W\d_]{2,}")


def literals(template: str) -> Iterator[str]:
    """Yields each literal text that contains a word."""
    bare = _PIECES.sub(" ", template)  # the output of gettext and of variables is not literal
    for element in _ELEMENT.finditer(bare):
        yield from filter(_has_word, _ATTRIBUTE.findall(element[0]))
    yield from filter(_has_word, map(str.strip, _ELEMENT.split(bare)))


def _has_word(text: str) -> bool:
    return any(word not in UNTRANSLATED for word in _WORD.findall(unescape(text)))
