from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0006_task_count")]

    # The board filtered by model: board.tasks_matching.
    operations = [
        migrations.AddIndex(
            model_name="task",
            index=models.Index(F("model"), F("created_at").desc(), F("id").desc(), name="task_page_of_model"),
        ),
    ]
