"""Preloads JavaScript modules: a page lists all modules that its scripts import, so browsers fetch them in parallel."""

import re
from functools import lru_cache
from pathlib import PurePosixPath

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()
_IMPORT = re.compile(r"^(?:import|export|\} from)\b[^\"'\n]*[\"'](\.[^\"'\n]+)[\"']", re.MULTILINE)


@lru_cache
def imported_by(entry: str) -> tuple[str, ...]:
    """Returns the paths, relative to `static`, of all modules that `entry` imports, directly or indirectly."""
    found: dict[str, None] = {}
    waiting = [PurePosixPath(entry)]
    while waiting:
        module = waiting.pop()
        text = (settings.BASE_DIR / "static" / module).read_text()
        for name in _IMPORT.findall(text):
            path = _normal(module.parent / name)
            if str(path) not in found and str(path) != entry:
                found[str(path)] = None
                waiting.append(path)
    return tuple(sorted(found))


def _normal(path: PurePosixPath) -> PurePosixPath:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return PurePosixPath(*parts)


@register.simple_tag
def module_preloads(*entries: str) -> SafeString:
    """Returns a preload link for each module that any of `entries` imports."""
    modules = sorted({module for entry in entries for module in imported_by(entry)} - {*entries})
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', ((static(module),) for module in modules))
