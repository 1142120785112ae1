"""How values are printed: icons, times a machine can read, durations, and the hue of a model's tile."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from zlib import crc32

import lucide
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# All but tab and line breaks; embeddings, overrides and isolates (Unicode Standard Annex 9).
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
HUES = 8  # static/css/tokens.css names as many


@lru_cache(maxsize=256)
def _drawn(name: str, size: int) -> SafeString:
    # lucide draws an icon anew each time (40 microseconds); a row has several, and the live stream renders thousands.
    # How lines are drawn is said once, in base.css, and not in every icon of every row.
    _, _, lines = lucide._render_icon(name, size).partition(">")
    shapes = "".join(line.strip() for line in lines.splitlines())
    head = f'<svg class="icon" width="{size}" height="{size}" viewBox="0 0 24 24" aria-hidden="true">'
    return mark_safe(head + shapes)  # noqa: S308  # from the icon set, not data


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """One of lucide's icons as inline SVG, hidden from screen readers: a word always stands beside it."""
    return _drawn(str(name), size)


@register.filter
def iso(moment: datetime | None) -> str:
    """For `datetime` attributes: ISO 8601 in UTC; empty for None."""
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""


@register.filter
def utc(moment: datetime | None) -> str:
    """What is read where no script turns times into words: `23 Nov 2026, 14:02 UTC`; empty for None."""
    return moment.astimezone(UTC).strftime("%-d %b %Y, %H:%M UTC") if moment else ""


@register.simple_tag
def relative_time(moment: datetime | None) -> SafeString:
    """A time that the browser keeps in words, as in "5 minutes ago". In sentences: `{% relative_time at as time %}`."""
    return format_html('<relative-time datetime="{}">{}</relative-time>', iso(moment), utc(moment))


@register.filter
def clock(seconds: float | None) -> str:
    """Seconds as `0:05`, `12:34` or `1:02:03`; empty for None and for what is no duration."""
    if seconds is None or not 0 <= seconds < 1e9:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def cut(text: str, length: int) -> str:
    """At most `length` characters, an ellipsis included. Cheaper than `truncatechars`: rows would feel it."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


@register.filter
def visible(text: str) -> str:
    """Control characters, and those that turn around the direction of a text, as their code points: `⟨U+202E⟩`.

    Direction marks and joiners stay: Arabic, Hebrew and emoji need them, and they turn nothing around.
    """
    return _CONTROLS.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


@register.filter
def hue(word: str) -> int:
    """A number below HUES that is always the same for the same word: tiles of one model share a hue."""
    return crc32(str(word).encode()) % HUES
