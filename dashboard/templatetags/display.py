"""Tags and filters for displaying values: icons, times, durations, text, and the hue of a model's tile."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zlib import crc32

import lucide
from django import template
from django.conf import settings
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

register = template.Library()

# Control characters except tab and line breaks; directional embeddings, overrides and isolates (Unicode Annex #9).
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ENGLISH_NUMBER = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){1,8}")
HUES = 8  # static/css/tokens.css defines the same number


@lru_cache(maxsize=256)
def _drawn(name: str, size: int) -> SafeString:
    # Cached, because lucide takes 40 µs per icon. A row has several, and the live stream renders thousands of rows.
    # Drops the stroke attributes that lucide adds to every icon. base.css sets them once.
    _, _, lines = lucide._render_icon(name, size).partition(">")
    shapes = "".join(line.strip() for line in lines.splitlines())
    head = f'<svg class="icon" width="{size}" height="{size}" viewBox="0 0 24 24" aria-hidden="true">'
    return mark_safe(head + shapes)  # noqa: S308  # from the icon set, not data


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """Returns a Lucide icon as inline SVG. Hidden from screen readers, because there is always text next to it."""
    return _drawn(str(name), size)


@register.filter
def iso(moment: datetime | None) -> str:
    """Formats a time for `datetime` attributes: ISO 8601 in UTC. Returns "" for None."""
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""


@register.filter
def date_time(moment: datetime | None) -> str:
    """Formats a time for browsers without our scripts, as in `23 Nov 2026, 14:02 UTC`. Returns "" for None.

    It is in the active time zone: the one that the member has chosen, otherwise UTC.
    """
    if not moment:
        return ""
    return _written(moment, get_language() or settings.LANGUAGE_CODE, timezone.get_current_timezone())


@lru_cache(maxsize=4_096)
def _written(moment: datetime, language: str, zone: tzinfo) -> str:
    # Cached, because Django's formats take 20 µs, and a row shows the same times whenever it is rendered.
    local = moment.astimezone(zone)
    if language.startswith("en"):  # Django's English format has a.m. and p.m.
        return f"{local:%-d %b %Y, %H:%M} {_offset(local)}"
    return gettext("%(time)s %(offset)s") % {
        "time": formats.date_format(local, "DATETIME_FORMAT"),
        "offset": _offset(local),
    }


def _offset(local: datetime) -> str:
    """Returns `UTC`, `UTC+8` or `UTC-3:30`. Abbreviations are ambiguous: CST is both Shanghai's and Chicago's."""
    minutes = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"


@register.simple_tag
def relative_time(moment: datetime | None) -> SafeString:
    """Returns an element that shows relative time, such as "5 minutes ago", and that a script keeps up to date.

    In sentences, use `{% relative_time at as time %}`.
    """
    return format_html('<relative-time datetime="{}">{}</relative-time>', iso(moment), date_time(moment))


@register.filter
def clock(seconds: float | None) -> str:
    """Formats seconds as `0:05`, `12:34` or `1:02:03`. Returns "" for None and for invalid durations."""
    if seconds is None or not 0 <= seconds < 1e9:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def number(value: float | str, spec: str = ",") -> str:
    """Formats a number with the separators of the active language, such as `1,234.5`. A text stays as it is.

    Other than Django's formats, it groups thousands in Chinese, as browsers do.
    """
    if isinstance(value, str):
        return value
    return f"{value:{spec}}".translate(_separators(get_language() or settings.LANGUAGE_CODE))


def renumbered(text: str) -> str:
    """Changes a whole number that was formatted in English, such as `1,234`, to the active language."""
    return number(int(text.replace(",", ""))) if _ENGLISH_NUMBER.fullmatch(text) else text


@lru_cache(maxsize=64)
def _separators(language: str) -> dict[int, str]:
    if language.startswith("en"):
        return {}
    thousands = formats.get_format("THOUSAND_SEPARATOR", language, use_l10n=True) or ","
    return {ord(","): thousands, ord("."): formats.get_format("DECIMAL_SEPARATOR", language, use_l10n=True)}


@register.filter
def cut(text: str, length: int) -> str:
    """Shortens the text to at most `length` characters, including the ellipsis.

    It is much faster than `truncatechars`, which would slow down rendering rows.
    """
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


@register.filter
def visible(text: str) -> str:
    """Replaces control characters, and characters that override the text direction, with code points like `⟨U+202E⟩`.

    Keeps direction marks and joiners. Arabic, Hebrew and emoji need them, and they don't override the direction.
    """
    return _CONTROLS.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


@register.filter
def hue(word: str) -> int:
    """Returns a number below HUES that is always the same for the same word, so that a model's tiles share a hue."""
    return crc32(str(word).encode()) % HUES
