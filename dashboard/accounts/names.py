"""Validates members' names, so that no name can be mistaken for another. Pure.

The rules follow the "Highly Restrictive" level of UTS #39
(https://www.unicode.org/reports/tr39/#Restriction_Level_Detection): all letters belong to one script, or to Latin plus
Chinese, Japanese or Korean. Python has no script property, but a character's Unicode name starts with its script.
"""

import re
import unicodedata
from itertools import groupby
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_noop

SIGNS: Final = frozenset("@.+-_")
MOST_MARKS: Final = 4  # accents and vowel signs per letter
LETTERS = gettext_noop(
    "A name has letters, digits and the signs @ . + - _, and nothing else: no spaces and no hidden characters."
)
FULL_LETTERS = gettext_noop(
    "A name has letters, digits, spaces, apostrophes and the signs @ . + - _, and no hidden characters."
)
ONE_SCRIPT = gettext_noop(
    "A name has letters of one script: Cyrillic or Greek ones among Latin ones could pass for somebody else's name. "
    "Chinese, Japanese and Korean may stand beside Latin."
)
ONE_KIND_OF_DIGITS = gettext_noop("A name has one kind of digits.")

_BETWEEN: Final = re.compile(r"[ '’]")  # includes the typographic apostrophe
_TOGETHER: Final = (
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
)
# First words of Unicode names that aren't scripts, and the script they stand for. "" fits any script.
_RENAMED: Final = {"CJK": "HAN", "IDEOGRAPHIC": "HAN", "EXTENDED": "ARABIC", "COMBINING": "", "DIGIT": ""}
_INVISIBLE: Final = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10)}
) | frozenset(range(0xE0100, 0xE01F0))


def normalized(name: str) -> str:
    """Returns the name in the form in which it is stored."""
    return unicodedata.normalize("NFKC", name)


def folded(name: str) -> str:
    """Returns the name's form for comparison, which ignores case and compatibility variants."""
    return normalized(normalized(name).casefold())


def validate_full(name: str) -> None:
    """Validates a full name, which may also contain spaces and apostrophes. Raises ValidationError."""
    bare = _BETWEEN.sub("", name)
    if not bare:
        raise ValidationError(gettext("A name has letters or digits."))
    validate(bare, letters=FULL_LETTERS)


def folded_full(name: str) -> str:
    """Like `folded`, but ignores spaces and apostrophes."""
    return folded(_BETWEEN.sub("", name))


def validate(name: str, *, letters: str = LETTERS) -> None:
    """Raises ValidationError if the name isn't allowed. `letters` is the English message about characters."""
    name = normalized(name)
    if not all(map(_is_allowed, name)) or _has_loose_marks(name):
        raise ValidationError(gettext(letters))
    scripts = {_script(character) for character in name if character not in SIGNS} - {""}
    if len(scripts) > 1 and not any(scripts <= group for group in _TOGETHER):
        raise ValidationError(gettext(ONE_SCRIPT))
    zeros = {ord(character) - unicodedata.decimal(character) for character in name if character.isdecimal()}
    if len(zeros) > 1:
        raise ValidationError(gettext(ONE_KIND_OF_DIGITS))


def _is_allowed(character: str) -> bool:
    kind = unicodedata.category(character)
    is_letter = kind[0] == "L" or kind in {"Mn", "Mc", "Nd"} or character == "〇"
    return character in SIGNS or (is_letter and ord(character) not in _INVISIBLE)


def _has_loose_marks(name: str) -> bool:
    """Whether the name starts with a combining mark, or has so many in a row that they cover other letters."""
    runs = [(is_mark, len([*run])) for is_mark, run in groupby(name, lambda each: unicodedata.category(each)[0] == "M")]
    return bool(runs) and (runs[0][0] or any(is_mark and length > MOST_MARKS for is_mark, length in runs))


def _script(character: str) -> str:
    """Returns the script of a character, taken from its Unicode name, or "" if it fits any script."""
    word = unicodedata.name(character, "?").replace("-", " ").partition(" ")[0]
    return _RENAMED.get(word, word)
