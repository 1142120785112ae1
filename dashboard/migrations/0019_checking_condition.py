from importlib import import_module

from django.db import migrations, models

CONDITIONS = (
    *("", "checking", "key_refused", "no_key", "not_found", "overdue", "unreachable", "misconfigured", "silent"),
    *("submitting", "unclear"),
)
before = import_module("dashboard.migrations.0017_silent_condition_and_usage")


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0018_video")]

    operations = [
        migrations.RemoveConstraint("task", "task_condition_known"),
        migrations.AddConstraint(
            "task",
            models.CheckConstraint(condition=models.Q(condition__in=CONDITIONS), name="task_condition_known"),
        ),
        migrations.RunPython(before.make_triggers_again, migrations.RunPython.noop),
    ]
