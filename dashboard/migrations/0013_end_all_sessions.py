"""Session keys lay in a file that other users of the machine could read: none of them may be good any longer."""

import logging

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

logger = logging.getLogger("dashboard.migrations")


def end_all_sessions(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    ended, _ = apps.get_model("sessions", "Session").objects.using(editor.connection.alias).delete()
    if ended:
        logger.warning(
            "All %s sessions were ended: other users of this machine could read their keys. Everybody signs in again.",
            ended,
        )


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0012_member_unlocked_at"), ("sessions", "0001_initial")]

    operations = [migrations.RunPython(end_all_sessions, migrations.RunPython.noop)]
