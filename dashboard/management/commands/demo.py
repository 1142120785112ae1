"""`manage.py demo`: the dashboard part of `make demo`, with demo data. Needs a running demo gateway."""

import json
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext, gettext_noop

from dashboard.accounts.models import User
from dashboard.management import db_template, demo_data
from dashboard.management.commands import serve
from dashboard.management.operator_language import operator_language
from dashboard.runtime import migrate, startup
from dashboard.tasks.models import Task


class Command(serve.Command):
    help = gettext_noop("Runs the server with demo data. Start it with `make demo`.")

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.DATA_DIR / "demo.json"
        if not path.exists():
            with operator_language():
                raise CommandError(gettext("This is only a part of the demo. Start it with `make demo`."))
        self._made = json.loads(path.read_text())
        with operator_language():
            startup.check_keyring()
        migrate.migrate()
        if not User.objects.exists():
            demo_data.make_members(self._made)
            db_template.keep(settings.DATA_DIR)
        if not Task.objects.exists():
            demo_data.seed(self._made)
        threading.Thread(target=demo_data.start_videos_now_and_then, name="newcomers", daemon=True).start()
        super().handle(*args, **options)

    def announce(self, host: str, port: int) -> None:
        """Prints the passwords and the URL as the last lines of output, except for any later problems."""
        self.say("")
        with operator_language():
            for name, text in (
                ("admin", gettext("admin   ada   %(password)s")),
                ("member", gettext("member  max   %(password)s")),
            ):
                self.say("  " + text % {"password": self._made[f"{name}_password"]})
        self.say("")
        super().announce(host, port)
