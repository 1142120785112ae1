from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0005_poller_beat_figures")]

    # The numbers on the filter chips: TaskQuerySet.counts.
    operations = [
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["status", "owner"], name="task_count"),
        ),
    ]
