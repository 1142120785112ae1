"""Translations of the texts in `static/js`: a JavaScript module for each language other than English.

`static/js/translations.js` imports it. Its texts are from `djangojs.mo`, next to the `django.mo` of the pages.
"""

import gettext
import hashlib
import json
import logging
import re
import struct
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, to_locale

from dashboard.static_files import VERSION_LENGTH

# The rule becomes JavaScript, which has the same operators as C, so it may contain nothing else.
_PLURAL_FORMS: Final = re.compile(r"\s*nplurals\s*=\s*\d+\s*;\s*plural\s*=([n0-9 ()?:<>=!&|%+*-]+);?\s*")
_DEFAULT_PLURAL_FORMS: Final = "nplurals=2; plural=(n != 1);"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Module:
    source: str
    version: str  # a hash of `source`


class _Catalog(gettext.GNUTranslations):
    _catalog: dict[str | tuple[str, int], str]  # set by the base class; the number is that of the plural form

    def messages(self) -> dict[str, str | list[str]]:
        """Returns the translation of each English text. It has several forms if the English text has a plural."""
        forms: dict[str, list[str]] = defaultdict(list)
        for key, text in self._catalog.items():
            if isinstance(key, tuple):
                forms[key[0]].append(text)
        return {key: text for key, text in self._catalog.items() if isinstance(key, str) and key} | forms

    def plural_rule(self) -> str:
        """Returns the expression for the number of the plural form for `n`. Raises ValueError if it isn't one."""
        header = self.info().get("plural-forms", _DEFAULT_PLURAL_FORMS)
        found = _PLURAL_FORMS.fullmatch(header)
        if not found:
            raise ValueError(f"not a plural rule: {header!r}")
        return found[1].strip()


def module_in(language: str) -> Module | None:
    """Returns None for English, for languages that aren't in the settings, and for those without a catalog."""
    if language == settings.LANGUAGE_CODE or language not in dict(settings.LANGUAGES):
        return None
    name = Path(to_locale(language), "LC_MESSAGES", "djangojs.mo")
    paths = (Path(folder) / name for folder in settings.LOCALE_PATHS)
    found = next((path for path in paths if path.is_file()), None)
    return _module_from(found) if found else None


@lru_cache
def _module_from(path: Path) -> Module | None:
    """Returns None for a catalog that can't be read: the pages work without it, in English."""
    try:
        with path.open("rb") as file:
            catalog = _Catalog(file)
        source = _source(catalog)
    except (OSError, ValueError, IndexError, struct.error):
        logger.exception("the translations in %s can't be read", path)
        return None
    return Module(source, hashlib.sha256(source.encode()).hexdigest()[:VERSION_LENGTH])


def _source(catalog: _Catalog) -> str:
    messages = json.dumps(catalog.messages()).replace("<", r"\u003c")
    return f"export const messages = {messages};\nexport const plural = (n) => Number({catalog.plural_rule()});\n"


def module_href() -> str:
    """Returns the URL of the module for the current language, or "" if there is none."""
    language = get_language() or settings.LANGUAGE_CODE
    module = module_in(language)
    return f"{reverse('js_catalog', args=[language])}?v={module.version}" if module else ""
