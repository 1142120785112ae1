import re

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# As these stood in pasted commands, each of which became a task.
KEY = re.compile(r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{5,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")


def take_out(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A key that was tracked as a task is not stored, shown or sent to the gateway any more. Its row stays."""
    tasks = apps.get_model("dashboard", "Task").objects.using(schema_editor.connection.alias)
    for number, upstream_id in [*tasks.values_list("pk", "upstream_id").iterator()]:
        if KEY.search(upstream_id):
            # No answer of the gateway can be about it, so nothing is asked; its raw answer may repeat the key.
            tasks.filter(pk=number).update(
                upstream_id=f"removed-key-{number.hex[:8]}", raw="", next_poll_at=None, condition="not_found"
            )


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0010_member_names")]

    operations = [migrations.RunPython(take_out, migrations.RunPython.noop)]
