from django.db import migrations, models


class Migration(migrations.Migration):
    """Names in the code only: tables and columns keep theirs, so that servers of two versions can run side by side."""

    dependencies = [("dashboard", "0013_end_all_sessions")]

    operations = [
        migrations.RenameModel("FilmCopy", "VideoCopy"),
        migrations.RenameModel("PollerBeat", "PollerHeartbeat"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("task", "raw_status", "raw_http_status"),
                migrations.AlterField(
                    "task",
                    "raw_http_status",
                    models.PositiveSmallIntegerField(blank=True, db_column="raw_status", null=True),
                ),
                migrations.RenameField("task", "word", "raw_status"),
                migrations.AlterField(
                    "task", "raw_status", models.CharField(blank=True, db_column="word", max_length=64)
                ),
            ]
        ),
    ]
