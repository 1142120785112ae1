"""Members choose a language."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0028_saved_filter")]

    operations = [
        migrations.AddField("user", "language", models.CharField(blank=True, default="", max_length=10)),
    ]
