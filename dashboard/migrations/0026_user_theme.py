"""Members choose a theme."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0025_link_opening")]

    operations = [
        migrations.AddField(
            "user",
            "theme",
            models.CharField(
                blank=True,
                choices=[("", "System default"), ("light", "Light"), ("dark", "Dark")],
                default="",
                max_length=5,
            ),
        ),
    ]
