"""`manage.py demo`: the dashboard part of `make demo`, filled and lively; needs the demo gateway beside it."""

import json
import threading
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from dashboard.accounts.models import User
from dashboard.management import db_template, demo_data
from dashboard.runtime import migrate, startup
from dashboard.tasks.models import Task


class Command(BaseCommand):
    help = "Serves the dashboard with demo data. Start it with `make demo`."
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.DATA_DIR / "demo.json"
        if not path.exists():
            raise CommandError("This is the inner part of the demo: start it with `make demo`.")
        made = json.loads(path.read_text())
        startup.check_keyring()
        migrate.migrate()
        if not User.objects.exists():
            demo_data.make_members(made)
            db_template.keep(settings.DATA_DIR)
        if not Task.objects.exists():
            demo_data.seed(made)
        self.stdout.write("")
        self.stdout.write(f"  admin   ada   {made['admin_password']}")
        self.stdout.write(f"  member  max   {made['member_password']}")
        self.stdout.write("")
        self.stdout.flush()
        threading.Thread(target=demo_data.start_videos_now_and_then, name="newcomers", daemon=True).start()
        call_command("serve")
