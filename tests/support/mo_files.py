"""Writes compiled catalogs, as `msgfmt` does. See "The Format of GNU MO Files" in the gettext manual."""

import struct
from collections.abc import Mapping
from pathlib import Path

MAGIC = 0x950412DE
HEADER_SIZE = 28  # bytes


def write_catalog(locale: Path, language: str, domain: str, plural_forms: str, texts: Mapping[str, str]) -> Path:
    """Writes `texts` to a catalog in the folder `locale`. NUL separates the forms of a plural, and the English ones."""
    path = locale / language / "LC_MESSAGES" / f"{domain}.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    header = f"Content-Type: text/plain; charset=UTF-8\nPlural-Forms: {plural_forms}\n"
    path.write_bytes(compiled({"": header, **texts}))
    return path


def compiled(texts: Mapping[str, str]) -> bytes:
    pairs = sorted((key.encode(), text.encode()) for key, text in texts.items())
    table_size = 8 * len(pairs)
    tables, strings = b"", b""
    start = HEADER_SIZE + 2 * table_size
    for column in (0, 1):
        for pair in pairs:
            tables += struct.pack("<2I", len(pair[column]), start + len(strings))
            strings += pair[column] + b"\0"
    header = struct.pack("<7I", MAGIC, 0, len(pairs), HEADER_SIZE, HEADER_SIZE + table_size, 0, start)
    return header + tables + strings
