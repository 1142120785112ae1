"""Finds the languages of the pages: English, and those with a catalog in `locale`."""

from collections.abc import Iterator
from pathlib import Path

from django.conf.locale import LANG_INFO
from django.utils.translation import to_language


def found(folder: Path) -> Iterator[tuple[str, str]]:
    """Yields the code and native name of each language with a catalog, such as `zh-hans` and 简体中文."""
    for catalog in sorted(folder.glob("*/LC_MESSAGES/django.mo")):
        code = to_language(catalog.parent.parent.name)
        yield code, str(LANG_INFO.get(code, {}).get("name_local", code))
