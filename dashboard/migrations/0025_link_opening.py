"""Who has opened a share link, and when."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0024_password_reset_link")]

    operations = [
        migrations.CreateModel(
            name="LinkOpening",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "link",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="openings",
                        to="dashboard.sharelink",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("times", models.PositiveIntegerField(default=1)),
            ],
            options={
                "db_table": "share_link_opening",
                "ordering": ("-last_at",),
                "constraints": [
                    models.UniqueConstraint(fields=("link", "user"), name="share_link_opening_once_per_member"),
                ],
            },
        ),
    ]
