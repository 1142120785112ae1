"""Removed tasks wait to be restored. The indexes of the board leave them out."""

from django.db import migrations, models
from django.db.models import F, Q

NOT_REMOVED = Q(removed_at__isnull=True)
PAGES = {
    "task_page_of_owner": ("owner",),
    "task_page_of_owner_status": ("owner", "status"),
    "task_page_of_all": (),
    "task_page_of_all_status": ("status",),
    "task_page_of_model": ("model",),
}


def _page_index(name: str) -> models.Index:
    newest_first = (F("created_at").desc(), F("id").desc())
    return models.Index(*map(F, PAGES[name]), *newest_first, condition=NOT_REMOVED, name=name)


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0021_share_link_name")]

    operations = [
        migrations.AddField("task", "removed_at", models.DateTimeField(blank=True, null=True)),
        *(migrations.RemoveIndex("task", name) for name in (*PAGES, "task_count")),
        *(migrations.AddIndex("task", _page_index(name)) for name in PAGES),
        migrations.AddIndex(
            "task", models.Index(fields=("status", "owner"), condition=NOT_REMOVED, name="task_count")
        ),
        migrations.AddIndex(
            "task",
            models.Index(F("removed_at").desc(), F("id").desc(), condition=~NOT_REMOVED, name="task_removed"),
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
                    ("refresh", "Refresh"),
                    ("copy", "Copy"),
                    ("removed", "Removed"),
                    ("restored", "Restored"),
                    ("deleted", "Deleted"),
                ],
            ),
        ),
    ]
