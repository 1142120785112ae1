from django.db import migrations, models


class Migration(migrations.Migration):
    """The name in the code only: the column keeps its own, for servers of the version before."""

    dependencies = [("dashboard", "0015_stop_reading_replaced_at")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("pollerheartbeat", "figures", "metrics"),
                migrations.AlterField(
                    "pollerheartbeat", "metrics", models.JSONField(db_column="figures", default=dict)
                ),
            ]
        ),
    ]
