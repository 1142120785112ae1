"""`manage.py forgetkeys`: recovers from a keyring that is lost for good."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.keys import actions, keyring


class Command(BaseCommand):
    help = "Forgets the secrets of API keys that the keyring does not open. The keys stay: their owners replace them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="really forget them")

    def handle(self, *args: Any, **options: Any) -> None:
        broken = keyring.broken()
        if broken and not options["yes"]:
            raise CommandError(
                f"{len(broken)} stored API keys do not open with this keyring. With --yes their secrets are forgotten "
                "for good. Look for a copy of the old keyring first."
            )
        for key in broken:
            if actions.forget_secret(key):
                self.stdout.write(f"Forgotten: the secret of {key.label!r}. Its owner can replace it.")
        if not broken:
            self.stdout.write("Every stored API key opens. Nothing was changed.")
