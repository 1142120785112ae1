from django.db import migrations, models

from dashboard.accounts import names


class Migration(migrations.Migration):
    """What a name may be made of. Nothing changes in the database: members of before keep theirs."""

    dependencies = [("dashboard", "0009_user_finishing_since")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="username",
            field=models.CharField(
                error_messages={"unique": "This name is taken. Choose another one."},
                help_text="Letters, digits and @ . + - _",
                max_length=150,
                unique=True,
                validators=[names.validate],
            ),
        ),
    ]
