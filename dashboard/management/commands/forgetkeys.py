"""`manage.py forgetkeys`: recovers from a keyring that is lost for good."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext, gettext_noop, ngettext

from dashboard.keys import actions, keyring
from dashboard.management.operator_language import OperatorCommand


class Command(OperatorCommand):
    help = gettext_noop(
        "Deletes API keys that the keyring can't decrypt. Their entries stay, for the owners to replace."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help=gettext("really delete them"))

    def handle(self, *args: Any, **options: Any) -> None:
        broken = keyring.broken()
        if broken and not options["yes"]:
            text = ngettext(
                "This keyring can't decrypt %(count)s stored API key. With --yes, it is deleted permanently. Look for "
                "a copy of the old keyring first.",
                "This keyring can't decrypt %(count)s stored API keys. With --yes, they are deleted permanently. Look "
                "for a copy of the old keyring first.",
                len(broken),
            )
            raise CommandError(text % {"count": len(broken)})
        for key in broken:
            if actions.forget_secret(key):
                self.stdout.write(gettext("Deleted: %(key)s. Its owner can replace it.") % {"key": repr(key.label)})
        if not broken:
            self.stdout.write(gettext("All stored API keys can be decrypted. Nothing was changed."))
