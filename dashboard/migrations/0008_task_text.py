import django.db.models.deletion
from django.db import Error, NotSupportedError, migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

COLUMNS = ("upstream_id", "label", "prompt", "model")

SQLITE = (
    """CREATE VIRTUAL TABLE task_text_trigrams
       USING fts5(text, content='task_text', content_rowid='id', tokenize='trigram')""",
    """CREATE TRIGGER task_text_added AFTER INSERT ON task_text BEGIN
         INSERT INTO task_text_trigrams (rowid, text) VALUES (new.id, new.text);
       END""",
    """CREATE TRIGGER task_text_removed AFTER DELETE ON task_text BEGIN
         INSERT INTO task_text_trigrams (task_text_trigrams, rowid, text) VALUES ('delete', old.id, old.text);
       END""",
    """CREATE TRIGGER task_text_changed AFTER UPDATE ON task_text BEGIN
         INSERT INTO task_text_trigrams (task_text_trigrams, rowid, text) VALUES ('delete', old.id, old.text);
         INSERT INTO task_text_trigrams (rowid, text) VALUES (new.id, new.text);
       END""",
    """CREATE TRIGGER task_text_insert AFTER INSERT ON task BEGIN
         INSERT INTO task_text (task_id, text) VALUES (new.id, {new});
       END""",
    """CREATE TRIGGER task_text_update AFTER UPDATE OF {columns} ON task WHEN {new} IS NOT {old} BEGIN
         UPDATE task_text SET text = {new} WHERE task_id = new.id;
       END""",
    """CREATE TRIGGER task_text_delete AFTER DELETE ON task BEGIN
         DELETE FROM task_text WHERE task_id = old.id;
       END""",
    "INSERT INTO task_text (task_id, text) SELECT new.id, {new} FROM task AS new",
)
SQLITE_BACK = (
    "DROP TRIGGER task_text_insert",
    "DROP TRIGGER task_text_update",
    "DROP TRIGGER task_text_delete",
    "DROP TRIGGER task_text_added",
    "DROP TRIGGER task_text_removed",
    "DROP TRIGGER task_text_changed",
    "DROP TABLE task_text_trigrams",
)
POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """CREATE FUNCTION task_text_keep() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF TG_OP = 'INSERT' THEN
           INSERT INTO task_text (task_id, text) VALUES (new.id, {new});
         ELSIF TG_OP = 'UPDATE' THEN
           UPDATE task_text SET text = {new} WHERE task_id = new.id;
         ELSE
           DELETE FROM task_text WHERE task_id = old.id;
         END IF;
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER task_text_insert_delete AFTER INSERT OR DELETE ON task
       FOR EACH ROW EXECUTE FUNCTION task_text_keep()""",
    """CREATE TRIGGER task_text_update AFTER UPDATE OF {columns} ON task
       FOR EACH ROW WHEN ({new} IS DISTINCT FROM {old}) EXECUTE FUNCTION task_text_keep()""",
    # Whoever makes a trigger keeps all other writers out until the end, so that no task is missed.
    "INSERT INTO task_text (task_id, text) SELECT new.id, {new} FROM task AS new",
    "CREATE INDEX task_text_trigrams ON task_text USING gin (UPPER(text) gin_trgm_ops)",
)
POSTGRESQL_BACK = (
    "DROP TRIGGER task_text_insert_delete ON task",
    "DROP TRIGGER task_text_update ON task",
    "DROP FUNCTION task_text_keep",
    "DROP INDEX task_text_trigrams",
)
NEEDED = {
    "sqlite": "Searching needs SQLite 3.34 or newer with FTS5, which this Python's sqlite3 module does not have.",
    "postgresql": "Searching needs PostgreSQL's extension pg_trgm, which could not be made. Install the package with "
    "PostgreSQL's additional modules, or let the owner of the database run CREATE EXTENSION pg_trgm.",
}


def text_of(row: str, newline: str) -> str:
    return f" || {newline} || ".join(f"{row}.{name}" for name in COLUMNS)


def run(editor: BaseDatabaseSchemaEditor, statements: tuple[str, ...]) -> None:
    newline = "char(10)" if editor.connection.vendor == "sqlite" else "chr(10)"
    words = {"new": f"({text_of('new', newline)})", "old": f"({text_of('old', newline)})"}
    for statement in statements:
        editor.execute(statement.format(**words, columns=", ".join(COLUMNS)), params=None)


def keep_texts(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    first, *others = SQLITE if editor.connection.vendor == "sqlite" else POSTGRESQL
    try:
        run(editor, (first,))
    except Error as error:
        raise NotSupportedError(f"{NEEDED[editor.connection.vendor]} ({error})") from error
    run(editor, tuple(others))


def forget_texts(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    run(editor, SQLITE_BACK if editor.connection.vendor == "sqlite" else POSTGRESQL_BACK)


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0007_task_page_of_model")]

    # A search on the board: TaskTextQuerySet.containing.
    operations = [
        migrations.CreateModel(
            name="TaskText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                (
                    "task",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="dashboard.task",
                    ),
                ),
            ],
            options={"db_table": "task_text"},
        ),
        migrations.RunPython(keep_texts, forget_texts),
    ]
