"""Parses single values as gateways write them. Anything unusable becomes "unknown". Pure, never raises."""

import math
import re
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

_NUMBER = re.compile(r"\s*\+?[0-9]{1,30}(\.[0-9]{0,30})?\s*")
_SIZE = re.compile(r"\s*([0-9]{1,6})\s*[x×*]\s*([0-9]{1,6})\s*", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}:", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_RELATIVE = re.compile(r"/[^/\s]")
_SPACE = re.compile(r"\s")
_HOST = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,8}(:[0-9]{1,5})?/[^\s]", re.IGNORECASE)
_URL_LIMIT = 8_192  # characters; signed URLs of object stores have up to two thousand


def text(value: object, limit: int = 2_000) -> str:
    """Returns the stripped string, storable in any database, at most `limit` characters; "" for other types."""
    if not isinstance(value, str):
        return ""
    return storable(value[:limit]).strip()


def storable(value: str) -> str:
    """Replaces NUL, which PostgreSQL can't store, and lone surrogates, which UTF-8 can't encode. JSON allows both."""
    return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def number(value: object) -> float | None:
    """Returns a positive finite number, also from text like "5". None (unknown) for 0 and anything else."""
    if value is None:  # the most common case
        return None
    found = _finite(value)
    return found if found is not None and found > 0 else None


def whole(value: object, limit: int = 2**31 - 1) -> int | None:
    """Returns a positive integer up to `limit` (fractions are truncated), None for unknown."""
    if value is None:
        return None
    # As a float, a seed above 2**53 would lose its last digits.
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 < value <= limit else None
    found = number(value)
    return int(found) if found is not None and 1 <= found <= limit else None


def is_nested_deeper(value: object, levels: int) -> bool:
    """Returns whether objects and lists are nested deeper than `levels`. Not recursive."""
    level = [value]
    for _ in range(levels):
        containers = [item for item in level if isinstance(item, dict | list)]
        level = [inner for item in containers for inner in (item.values() if isinstance(item, dict) else item)]
    return any(isinstance(item, dict | list) for item in level)


def _finite(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else None
    if not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def percent(value: object) -> int | None:
    """Returns 0 to 100 from 30, 30.5, "30" or "30%"; None for words, null and values out of range."""
    if isinstance(value, str):
        value = value.strip().removesuffix("%")
    found = _finite(value)
    return int(found) if found is not None and 0 <= found <= 100 else None


def moment(value: object) -> datetime | None:
    """Returns an aware UTC time from seconds or milliseconds since 1970, or from ISO 8601; None for 0 and nonsense."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return _iso(value)
    seconds = number(value)
    if seconds is None or seconds > 1e19:
        return None
    while seconds > 1e11:  # the year 5138 in seconds, so these are milliseconds or smaller units
        seconds /= 1_000
    return datetime.fromtimestamp(seconds, UTC)


def _iso(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value.strip()[:64])
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def size(value: object) -> tuple[int | None, int | None]:
    """Returns width and height in pixels from "1280x720", (None, None) for unknown."""
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    return (whole(found[1]), whole(found[2])) if found else (None, None)


def http_url(value: object, base_url: str = "") -> str | None:
    """Returns the value as an http or https URL with a host, else None.

    Spaces and non-ASCII characters are percent-encoded; everything else stays as it was signed. `base_url` completes
    values that begin with `//`, `/` or a host such as `files.example/`.
    """
    if not isinstance(value, str):
        return None
    found = _complete(storable(value.strip()), base_url)
    if len(found) > _URL_LIMIT or not _URL.match(found) or _CONTROLS.search(found):
        return None
    try:
        host = urlsplit(found).hostname
    except ValueError:
        return None
    return _encoded(found) if host and not _SPACE.search(host) else None


def _complete(url: str, base_url: str) -> str:
    scheme, _, rest = base_url.partition("://")
    if not rest or _SCHEME.match(url):
        return url
    if url.startswith("//"):
        return f"{scheme}:{url}"
    if _RELATIVE.match(url):
        return f"{scheme}://{rest.partition('/')[0]}{url}"
    return f"{scheme}://{url}" if _HOST.match(url) else url


def _encoded(url: str) -> str:
    """Percent-encodes characters that RFC 3986 does not allow. Leaves existing percent-encoding alone."""
    start = url.index("://") + 3
    end = next((at for at in range(start, len(url)) if url[at] in "/?#"), len(url))
    return url[:end] + quote(url[end:], safe="/?#[]@!$&'()*+,;=:%~-._{}|^`\\\"<>")
