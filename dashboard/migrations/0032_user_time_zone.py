"""Members choose a time zone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0030_video_media")]

    operations = [
        migrations.AddField("user", "time_zone", models.CharField(blank=True, max_length=64, null=True)),
    ]
