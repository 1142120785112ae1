"""`manage.py serve`: runs the server."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.urls import reverse

from dashboard.accounts import first_admin
from dashboard.accounts.models import User
from dashboard.runtime import gc, migrate, server, startup, uploads


class Command(BaseCommand):
    help = "Serves the dashboard; migrates the database first where that is needed."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        parser.add_argument("--port", type=int, default=settings.PORT, help="0 takes a free one")

    def handle(self, *args: Any, **options: Any) -> None:
        self._prepare()
        # Imported late, because it builds the application, which needs the steps above.
        from dashboard.asgi import application

        connections.close_all()
        server.raise_open_file_limit()
        running = server.Server(server.config(application, options["host"], options["port"]), self.announce)
        running.run()
        if not running.started:
            raise CommandError("The server did not start.")

    def _prepare(self) -> None:
        startup.check_keyring()
        uploads.prepare()
        applied = migrate.migrate()
        if applied:
            self.say(f"Database: {len(applied)} migrations applied.")
        self._setup_path = "" if User.objects.exists() else reverse("setup", args=[first_admin.new_token()])

    def announce(self, host: str, port: int) -> None:
        gc.freeze_gc()
        name = f"[{host}]" if ":" in host else host
        self.say(f"{settings.SITE_NAME} is at http://{name}:{port}/")
        if self._setup_path:
            self.say("There are no members yet. Create the first admin within an hour, here or under your host name:")
            self.say(f"http://{name}:{port}{self._setup_path}")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
