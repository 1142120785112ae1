"""A language made of the English texts: accented letters in brackets, 40 % longer, with the same placeholders."""

import re
import runpy
from pathlib import Path
from typing import Any

import allauth
import django
import polib  # type: ignore[import-untyped]  # has no stubs
from django.contrib import auth

from tests.support.processes import ROOT

CODE = "xx"
_KEPT = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w+\}|<[^>]*>|&\w+;")
_ACCENTS = str.maketrans("AEIOUaeiouCcNnSsYyDdGgHhJjKkLlRrTtWwZz", "ÀÈÌÒÙàèìòùÇçÑñŠšÝýĐđĞğĤĥĴĵĶķĻļŔŕŤťŴŵŽž")
_REST = str.maketrans("BbFfMmPpQqVvXx", "ßƀƑƒṀṁṖṗꝖꝗṼṽẊẋ")


def pseudo(text: str) -> str:
    pieces, last = list[str](), 0
    for kept in _KEPT.finditer(text):
        pieces += [_accented(text[last : kept.start()]), kept[0]]
        last = kept.end()
    longer = "·" * (len(text) * 2 // 5)
    return f"⟦{''.join(pieces)}{_accented(text[last:])}{longer}⟧"


def _accented(text: str) -> str:
    return text.translate(_ACCENTS).translate(_REST)


def write_catalogs(folder: Path) -> None:
    """Writes the compiled catalogs of all texts below `folder`, which becomes one of LOCALE_PATHS."""
    collected = runpy.run_path(str(ROOT / "ops/messages"), run_name="messages")["collected"]
    messages = folder / CODE / "LC_MESSAGES"
    messages.mkdir(parents=True)
    for domain in ("django", "djangojs"):
        catalog = polib.POFile()
        catalog.metadata = {
            "Content-Type": "text/plain; charset=utf-8",
            "Plural-Forms": "nplurals=2; plural=(n != 1);",
        }
        for message in collected(domain):
            if message.id:
                catalog.append(_entry(message))
        known = {entry.msgid for entry in catalog}
        catalog += [entry for entry in _entries_of_packages() if entry.msgid not in known and domain == "django"]
        catalog.save_as_mofile(str(messages / f"{domain}.mo"))


def _entries_of_packages() -> list[polib.POEntry]:
    """The texts of Django and allauth, by their German catalogs."""
    folders = [Path(django.__file__).parent / "conf", Path(auth.__file__).parent, Path(allauth.__file__).parent]
    entries: dict[tuple[str, str | None], polib.POEntry] = {}
    for folder in folders:
        for entry in polib.mofile(str(folder / "locale/de/LC_MESSAGES/django.mo")):
            plural = dict.fromkeys((0, 1), pseudo(entry.msgid_plural)) if entry.msgid_plural else {}
            text = "" if plural else pseudo(entry.msgid)
            made = polib.POEntry(
                msgid=entry.msgid,
                msgid_plural=entry.msgid_plural,
                msgctxt=entry.msgctxt,
                msgstr=text,
                msgstr_plural=plural,
            )
            entries.setdefault((entry.msgid, entry.msgctxt), made)
    return list(entries.values())


def _entry(message: Any) -> polib.POEntry:
    if isinstance(message.id, str):
        return polib.POEntry(msgid=message.id, msgstr=pseudo(message.id))
    one, many = message.id
    return polib.POEntry(msgid=one, msgid_plural=many, msgstr_plural={0: pseudo(one), 1: pseudo(many)})
