"""The words of a search, in the form in which texts are searched: without width, case or variants. Pure."""

import unicodedata
from collections.abc import Iterable

MOST = 8  # in one search; further ones are ignored


def fold(text: str) -> str:
    """Returns the text without differences of width and case (NFKC, folded), as the database stores it for searches.

    Migration 0033 has the same function in SQL, in which triggers call it.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def words_in(query: str) -> list[str]:
    return fold(query).split()[:MOST]


def grams_of(words: Iterable[str]) -> list[str]:
    """Returns the pairs of neighboring characters in `words`; a word of one character is returned itself.

    PostgreSQL's index has these for every text.
    """
    return sorted({term[at : at + 2] for term in words for at in range(max(1, len(term) - 1))})
