"""Members choose a time zone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0031_user_board_view")]

    operations = [
        migrations.AddField("user", "time_zone", models.CharField(blank=True, max_length=64, null=True)),
    ]
