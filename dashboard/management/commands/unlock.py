"""`manage.py unlock NAME`: lets a member try to sign in right away after too many failed attempts."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext, gettext_noop

from dashboard.accounts import actions
from dashboard.accounts.backends import account_of
from dashboard.management.operator_language import OperatorCommand


class Command(OperatorCommand):
    help = gettext_noop("Lets a member sign in again immediately after too many wrong passwords.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help=gettext("the member's username or email address"))

    def handle(self, *args: Any, **options: Any) -> None:
        user = account_of(options["name"])
        if user is None:
            raise CommandError(gettext("There is no member %(name)s.") % {"name": options["name"]})
        actions.unlock(user)
        self.stdout.write(gettext("%(name)s can try to sign in again now.") % {"name": user.username})
