"""The words of a row in the active language, looked up once per language because rows are rendered by the thousands."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_noop, ngettext

from dashboard.templatetags.display import number

WORDS: Final = {
    "gateway_says": gettext_noop("The gateway says:"),
    "elapsed": gettext_noop("Time since it was submitted"),
    "running": gettext_noop("Running"),
    "length": gettext_noop("Video length"),
    "took": gettext_noop("Generation time"),
    "download": gettext_noop("Download"),
    "check": gettext_noop("Check now"),
    "more": gettext_noop("More actions"),
    "open": gettext_noop("Open"),
    "copy_id": gettext_noop("Copy task ID"),
    "share": gettext_noop("Share…"),
    "again": gettext_noop("Generate again…"),
    "remove": gettext_noop("Remove"),
}
SENTENCES: Final = {
    "select": gettext_noop("Select %(title)s"),
    "percent": gettext_noop("%(percent)s%%"),
    "progress": gettext_noop("Progress of %(title)s"),
    "more_for": gettext_noop("More actions for %(title)s"),
    "took_for": gettext_noop("in %(time)s"),
    "gateway_status": gettext_noop("Gateway status: “%(status)s”"),
    "no_video": gettext_noop("Finished without a video: %(reason)s"),
    "gateway_says": gettext_noop("%(sentence)s The gateway says: %(words)s"),
}


def words() -> Mapping[str, SafeString]:
    """Returns the escaped words by their names in WORDS."""
    return _words(get_language() or settings.LANGUAGE_CODE)


def sentence(name: str, **values: str) -> str:
    """Returns one of SENTENCES, not escaped."""
    return _sentences(get_language() or settings.LANGUAGE_CODE)[name] % values


def text(marked: str) -> str:
    """Translates a text that is marked with `gettext_noop`. Returns "" for ""."""
    return _text(marked, get_language() or settings.LANGUAGE_CODE) if marked else ""


def length(seconds: float) -> str:
    """Returns the length of a video, such as `5 s`."""
    return gettext("%(seconds)s s") % {"seconds": number(seconds, "g")}


def count_of_tasks(count: int) -> str:
    return ngettext("%(tasks)s task", "%(tasks)s tasks", count) % {"tasks": number(count)}


def count_of_videos(count: int) -> str:
    return ngettext("%(videos)s video", "%(videos)s videos", count) % {"videos": number(count)}


@lru_cache(maxsize=64)
def _words(language: str) -> Mapping[str, SafeString]:
    return {name: escape(gettext(text)) for name, text in WORDS.items()}


@lru_cache(maxsize=1_000)
def _text(marked: str, language: str) -> str:
    return gettext(marked)


@lru_cache(maxsize=64)
def _sentences(language: str) -> Mapping[str, str]:
    return {name: gettext(text) for name, text in SENTENCES.items()}
