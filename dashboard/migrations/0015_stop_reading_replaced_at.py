from django.db import migrations


class Migration(migrations.Migration):
    """Keeps the column, which may be null: a server of the version before writes it while both run."""

    dependencies = [("dashboard", "0014_rename_to_standard_terms")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField("apikey", "replaced_at")],
        )
    ]
