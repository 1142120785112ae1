"""`manage.py unlock NAME`: lets a member try to sign in right away after too many failed attempts."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.accounts import actions
from dashboard.accounts.backends import account_of


class Command(BaseCommand):
    help = "Forgets the failed sign-ins of a member, who then need not wait to try again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the member's name or e-mail address")

    def handle(self, *args: Any, **options: Any) -> None:
        user = account_of(options["name"])
        if user is None:
            raise CommandError(f"There is no member {options['name']}.")
        actions.unlock(user)
        self.stdout.write(f"{user.username} can try to sign in again now.")
