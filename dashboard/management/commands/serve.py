"""`manage.py serve`: runs the server."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connections
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, ngettext

from dashboard.accounts import first_admin
from dashboard.accounts.models import User
from dashboard.management.operator_language import ServerCommand, operator_language
from dashboard.runtime import gc, migrate, server, startup, uploads


class Command(ServerCommand):
    help = gettext_noop("Runs the server. Migrates the database first if needed.")
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help=gettext("the address to listen on"))
        parser.add_argument("--port", type=int, default=settings.PORT, help=gettext("0 uses any free port"))

    def handle(self, *args: Any, **options: Any) -> None:
        with operator_language():
            self._prepare()
        # Imported late, because it builds the application, which needs the steps above.
        from dashboard.asgi import application

        connections.close_all()
        server.raise_open_file_limit()
        running = server.Server(server.config(application, options["host"], options["port"]), self.announce)
        running.run()
        if not running.started:
            with operator_language():
                raise CommandError(gettext("The server did not start."))

    def _prepare(self) -> None:
        startup.check_keyring()
        uploads.prepare()
        applied = migrate.migrate()
        if applied:
            count = len(applied)
            text = ngettext("Database: %(count)s migration applied.", "Database: %(count)s migrations applied.", count)
            self.say(text % {"count": count})
        self._setup_path = "" if User.objects.exists() else reverse("setup", args=[first_admin.new_token()])

    def announce(self, host: str, port: int) -> None:
        gc.freeze_gc()
        origin = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        with operator_language():
            self.say(gettext("%(site)s is at %(url)s") % {"site": settings.SITE_NAME, "url": f"{origin}/"})
            if self._setup_path:
                text = gettext(
                    "There are no members yet. Create the first admin within an hour, here or on your host name:"
                )
                self.say(text)
                self.say(f"{origin}{self._setup_path}")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
