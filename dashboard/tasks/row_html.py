"""The HTML of a row, for pages and live streams. It is cached until something in the row changes."""

import re
from datetime import tzinfo
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from dashboard.tasks.rows import Row

KEPT = 2_000  # rows of about 3 kB each
# Whitespace between two tags or two attributes. It can't be part of a user's text: that is escaped. On a stream each
# line break costs seven bytes, and the indentation after it as many again.
_INDENTATION = re.compile(r'(?<=>)\n\s*(?=<)|(?<=")\n\s*(?=[a-z])')


def row_html(row: Row) -> SafeString:
    """Renders the row in the active language and time zone. Times are absolute, so the HTML doesn't become outdated."""
    return _rendered(row, get_language() or settings.LANGUAGE_CODE, timezone.get_current_timezone())


@lru_cache(maxsize=KEPT)
def _rendered(row: Row, language: str, zone: tzinfo) -> SafeString:
    html = render_to_string("tasks/_row.html", {"row": row})
    return mark_safe(_INDENTATION.sub(" ", html.strip()))  # noqa: S308  # what a template has escaped
