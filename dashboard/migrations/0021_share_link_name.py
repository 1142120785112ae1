"""Links have a name, and some never expire."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0020_task_api")]

    operations = [
        migrations.AddField("sharelink", "name", models.CharField(blank=True, default="", max_length=60)),
        migrations.AlterField("sharelink", "expires_at", models.DateTimeField(blank=True, null=True)),
    ]
