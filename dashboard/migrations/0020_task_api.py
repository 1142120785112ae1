"""The API of the gateway that knows a task."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0019_checking_condition")]

    # By hand: on SQLite Django would make the table anew, without the triggers of the search.
    operations = [
        migrations.RunSQL(
            "ALTER TABLE task ADD COLUMN api varchar(16) NOT NULL DEFAULT ''",
            "ALTER TABLE task DROP COLUMN api",
            state_operations=[
                migrations.AddField("task", "api", models.CharField(blank=True, default="", max_length=16))
            ],
        )
    ]
