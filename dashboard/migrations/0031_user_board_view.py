"""Members choose how the board is shown."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0030_video_media")]

    operations = [
        migrations.AddField(
            "user",
            "board_view",
            models.CharField(
                choices=[("table", "table"), ("gallery", "gallery")],
                db_default="table",
                default="table",
                max_length=7,
            ),
        ),
    ]
