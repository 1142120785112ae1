import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

# A video of every completed task, and of whatever else an address, a size or a copy is known of; and what is left of
# the copies of deleted tasks, whose files are still to be removed. The first video has its task's id: its file and its
# ETag keep their names.
COPY = """
INSERT INTO video (
    id, task_id, position, url, created_at, size_bytes, content_type, content_etag, copy_state, kept_at,
    file_size, file_sha256, file_type, file_etag, stored_at, checked_at, tries, error, next_try_at, lease_until,
    lease_token
)
SELECT
    COALESCE(t.id, c.id), t.id, 1, COALESCE(t.url, ''), COALESCE(c.created_at, t.finished_at, t.created_at),
    t.size_bytes, COALESCE(t.content_type, ''), COALESCE(t.content_etag, ''),
    CASE
        WHEN t.id IS NULL THEN ''
        WHEN c.state = 'wanted' AND t.copy_state IN ('', 'gone', 'failed') THEN 'waiting'
        ELSE t.copy_state
    END,
    t.kept_at, c.size, COALESCE(c.sha256, ''), COALESCE(c.media_type, ''), COALESCE(c.etag, ''), c.stored_at,
    c.checked_at, COALESCE(c.tries, 0), COALESCE(c.error, ''), c.next_try_at, c.lease_until, c.lease_token
FROM {pairs}
"""
OF_TASKS = COPY.format(
    pairs="task t LEFT JOIN film_copy c ON c.task_id = t.id "
    "WHERE t.status = 'completed' OR t.url <> '' OR t.size_bytes IS NOT NULL OR c.id IS NOT NULL"
)
OF_DELETED_TASKS = COPY.format(pairs="film_copy c LEFT JOIN task t ON t.id = c.task_id WHERE c.task_id IS NULL")
TASKS_BACK = """
UPDATE task SET
    url = v.url, size_bytes = v.size_bytes, content_type = v.content_type, content_etag = v.content_etag,
    copy_state = v.copy_state, kept_at = v.kept_at
FROM video v WHERE v.id = task.id
"""
COPIES_BACK = """
INSERT INTO film_copy (
    id, task_id, state, size, sha256, media_type, etag, created_at, stored_at, checked_at, tries, error, next_try_at,
    lease_until, lease_token
)
SELECT
    id, task_id,
    CASE WHEN kept_at IS NOT NULL THEN 'kept' WHEN copy_state IN ('gone', 'failed') THEN 'given_up' ELSE 'wanted' END,
    file_size, file_sha256, file_type, file_etag, created_at, stored_at, checked_at, tries, error, next_try_at,
    lease_until, lease_token
FROM video WHERE task_id IS NULL OR position = 1 AND copy_state <> ''
"""


class Migration(migrations.Migration):
    """Servers of the version before can't run beside this one: the columns that they read are gone. Going back keeps
    the first video of each task."""

    dependencies = [("dashboard", "0017_silent_condition_and_usage")]

    operations = [
        migrations.CreateModel(
            name="Video",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField(default=1)),
                ("url", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("size_bytes", models.BigIntegerField(blank=True, null=True)),
                ("content_type", models.CharField(blank=True, max_length=40)),
                ("content_etag", models.CharField(blank=True, max_length=200)),
                ("copy_state", models.CharField(blank=True, default="", max_length=10)),
                ("kept_at", models.DateTimeField(blank=True, null=True)),
                ("file_size", models.BigIntegerField(blank=True, null=True)),
                ("file_sha256", models.CharField(blank=True, max_length=64)),
                ("file_type", models.CharField(blank=True, max_length=40)),
                ("file_etag", models.CharField(blank=True, max_length=200)),
                ("stored_at", models.DateTimeField(blank=True, null=True)),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("next_try_at", models.DateTimeField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("lease_token", models.UUIDField(blank=True, null=True)),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="videos",
                        to="dashboard.task",
                    ),
                ),
            ],
            options={
                "db_table": "video",
                "ordering": ("position",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("copy_state", "")), fields=["created_at"], name="video_unnoticed"
                    ),
                    models.Index(
                        condition=models.Q(("next_try_at__isnull", False)), fields=["next_try_at"], name="video_due"
                    ),
                    models.Index(
                        condition=models.Q(("file_size__isnull", False)), fields=["file_size"], name="video_file_size"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("task", "position"), name="video_once_per_position"),
                    models.CheckConstraint(condition=models.Q(("position__gte", 1)), name="video_position_from_1"),
                ],
            },
        ),
        migrations.RunSQL([OF_TASKS, OF_DELETED_TASKS], [TASKS_BACK, COPIES_BACK]),
        migrations.RemoveIndex("task", "task_uncopied"),
        migrations.RemoveField("task", "url"),
        migrations.RemoveField("task", "size_bytes"),
        migrations.RemoveField("task", "content_type"),
        migrations.RemoveField("task", "content_etag"),
        migrations.RemoveField("task", "copy_state"),
        migrations.RemoveField("task", "kept_at"),
        migrations.DeleteModel("VideoCopy"),
    ]
