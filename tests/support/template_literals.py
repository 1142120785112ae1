"""Finds words in templates that no catalog can translate: text and attributes outside of the tags of gettext."""

import re
from collections.abc import Iterator

ATTRIBUTES = ("alt", "aria-label", "data-confirm", "data-confirm-label", "hx-confirm", "placeholder", "title")
UNTRANSLATED = frozenset({"HTTP", "Enter", "Esc"})  # a protocol, and what stands on keys
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
    """Each piece of text with a word in it that stands as it is."""
    bare = _PIECES.sub(" ", template)  # what gettext or a variable says is no literal
    for element in _ELEMENT.finditer(bare):
        yield from filter(_has_word, _ATTRIBUTE.findall(element[0]))
    yield from filter(_has_word, map(str.strip, _ELEMENT.split(bare)))


def _has_word(text: str) -> bool:
    return any(word not in UNTRANSLATED for word in _WORD.findall(text))
