"""Tags, which group tasks; and an index for the tasks that need attention."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0022_task_removed_at")]

    operations = [
        migrations.CreateModel(
            name="TaskTag",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="dashboard.task",
                    ),
                ),
                ("name", models.CharField(max_length=40)),
            ],
            options={
                "db_table": "task_tag",
                "ordering": ("name",),
                "indexes": [models.Index(fields=["name", "task"], name="task_tag_name")],
                "constraints": [
                    models.UniqueConstraint(fields=("task", "name"), name="task_tag_once_per_task"),
                ],
            },
        ),
        migrations.AddIndex(
            "task",
            models.Index(
                F("condition"),
                F("created_at").desc(),
                F("id").desc(),
                condition=Q(removed_at__isnull=True),
                name="task_page_of_condition",
            ),
        ),
        migrations.AlterField(
            "taskevent",
            "kind",
            models.CharField(
                max_length=10,
                choices=[
                    ("created", "Created"),
                    ("status", "Status"),
                    ("condition", "Condition"),
                    ("progress", "Progress"),
                    ("detail", "Detail"),
                    ("label", "Label"),
                    ("tags", "Tags"),
                    ("refresh", "Refresh"),
                    ("copy", "Copy"),
                    ("removed", "Removed"),
                    ("restored", "Restored"),
                    ("deleted", "Deleted"),
                ],
            ),
        ),
    ]
