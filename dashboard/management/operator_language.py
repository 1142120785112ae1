"""The language of what commands print: that of the terminal, if there is a catalog, otherwise English.

Logs stay English, so servers only activate it while they print.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.translation import gettext

PLAIN = ("C", "POSIX")


def language_of(environment: Mapping[str, str], encoding: str = "utf-8") -> str:
    """Returns the code of the first language that has a catalog, and whose letters the encoding has.

    As for gettext, LANGUAGE is a list that comes before the locale, except that LC_ALL=C is English.
    """
    for name in _locales(environment):
        try:
            code = translation.get_supported_language_variant(translation.to_language(name.split(".")[0].split("@")[0]))
            dict(settings.LANGUAGES)[code].encode(encoding)
        except (LookupError, UnicodeError):
            continue
        return code
    return settings.LANGUAGE_CODE


def _locales(environment: Mapping[str, str]) -> Iterator[str]:
    if environment.get("LC_ALL") in PLAIN:
        return
    yield from filter(None, environment.get("LANGUAGE", "").split(":"))
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    yield next((environment[name] for name in names if environment.get(name)), "C")


def operator_language() -> AbstractContextManager[None]:
    """Activates the language of the terminal."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return translation.override(language_of(os.environ, encoding))


class OperatorCommand(BaseCommand):
    """A command in the operator's language. Its `help` is marked with `gettext_noop`."""

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        with operator_language():
            self.help = gettext(type(self).help)
            return super().create_parser(prog_name, subcommand, **options)

    def execute(self, *args: Any, **options: Any) -> str | None:
        with operator_language():
            return super().execute(*args, **options)


class ServerCommand(OperatorCommand):
    """A command that runs for long, and so in English: it activates the operator's language only to print."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        return BaseCommand.execute(self, *args, **options)
