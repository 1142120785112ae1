from importlib import import_module

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

CONDITIONS = (
    *("", "key_refused", "no_key", "not_found", "overdue", "unreachable", "misconfigured", "silent"),
    *("submitting", "unclear"),
)
texts = import_module("dashboard.migrations.0008_task_text")


def make_triggers_again(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite changes a constraint by making the table anew, and with the old one its triggers go."""
    if editor.connection.vendor == "sqlite":
        texts.run(editor, tuple(made for made in texts.SQLITE if " ON task BEGIN" in made or " ON task WHEN" in made))


class Migration(migrations.Migration):
    """Servers of the version before can run beside this one: they know neither, and write neither."""

    dependencies = [("dashboard", "0016_rename_poller_metrics")]

    operations = [
        migrations.AddField("task", "usage", models.JSONField(blank=True, null=True)),
        migrations.RemoveConstraint("task", "task_condition_known"),
        migrations.AddConstraint(
            "task",
            models.CheckConstraint(condition=models.Q(condition__in=CONDITIONS), name="task_condition_known"),
        ),
        migrations.RunPython(make_triggers_again, migrations.RunPython.noop),
    ]
