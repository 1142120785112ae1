from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0011_keys_out_of_task_ids")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="unlocked_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
