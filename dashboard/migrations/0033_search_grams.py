"""Searches find tags, full-width forms, and words of one or two characters by an index.

`task_text` gets a folded text that includes the task's tags: NFKC without case, in SQL alone, because older servers and
other programs write while this version runs. The index of trigrams stays; on SQLite `task_text_terms` lists its entries
in order, so that short words are found as the beginnings of trigrams. For that, each text ends with two newlines. On
PostgreSQL `task_text_grams` is an index of the characters of each folded text, and of the pairs of them.

Texts are folded in batches, so that other processes can write in the meantime. If it is interrupted, it starts over.
"""

import time
import unicodedata

from django.db import connections, migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BATCH = 500  # texts in one transaction
PAUSE = 0.025  # seconds after a batch on SQLite, whose waiting writers only look for their turn now and then
COLUMNS = "upstream_id, label, prompt, model"
RAW = " || {newline} || ".join(f"{{row}}.{name}" for name in COLUMNS.split(", "))
LONGEST = 3  # characters that are folded together, such as a letter and two combining marks

FOLDS = (
    "DROP TABLE IF EXISTS search_fold",
    "CREATE TABLE search_fold (chars text PRIMARY KEY, folded text NOT NULL)",
)
SQLITE_DROP = (
    "DROP TRIGGER IF EXISTS task_text_insert",
    "DROP TRIGGER IF EXISTS task_text_update",
    "DROP TRIGGER IF EXISTS task_text_tag_insert",
    "DROP TRIGGER IF EXISTS task_text_tag_update",
    "DROP TRIGGER IF EXISTS task_text_tag_delete",
    "DROP VIEW IF EXISTS task_search_text",
    "DROP TABLE IF EXISTS task_text_terms",
)
SQLITE_UPDATE = (
    "UPDATE task_text SET text = (SELECT text FROM task_search_text AS made WHERE made.task_id = {row}.task_id)"
    " WHERE task_id = {row}.task_id"
)
# `rest` loses its first character in every step, or the first ones that are folded together.
SQLITE_VIEW = f"""
    CREATE VIEW task_search_text AS
    SELECT id AS task_id,
      CASE WHEN raw NOT GLOB '*[^' || char(1) || '-~]*' THEN raw ELSE (
        WITH RECURSIVE piece(folded, rest) AS (
          SELECT '', raw
          UNION ALL
          SELECT coalesce(fold.folded, substr(rest, 1, 1)), substr(rest, 1 + coalesce(length(fold.chars), 1))
          FROM piece LEFT JOIN search_fold AS fold ON fold.chars = (
            SELECT chars FROM search_fold
            WHERE chars IN ({", ".join(f"substr(rest, 1, {count})" for count in range(1, LONGEST + 1))})
            ORDER BY length(chars) DESC LIMIT 1
          )
          WHERE rest <> ''
        )
        SELECT group_concat(folded, '') FROM piece
      ) END || char(10) || char(10) AS text
    FROM (
      SELECT id, lower({RAW.format(row="task", newline="char(10)")} || char(10) || coalesce(
        (SELECT group_concat(name, char(10)) FROM task_tag WHERE task_id = task.id), ''
      )) AS raw
      FROM task
    )"""
SQLITE = (
    SQLITE_VIEW,
    "CREATE VIRTUAL TABLE task_text_terms USING fts5vocab('task_text_trigrams', 'instance')",
    """CREATE TRIGGER task_text_insert AFTER INSERT ON task BEGIN
         INSERT INTO task_text (task_id, text) SELECT task_id, text FROM task_search_text WHERE task_id = new.id;
       END""",
    f"""CREATE TRIGGER task_text_update AFTER UPDATE OF {COLUMNS} ON task
       WHEN {RAW.format(row="new", newline="char(10)")} IS NOT {RAW.format(row="old", newline="char(10)")} BEGIN
         UPDATE task_text SET text = (SELECT text FROM task_search_text WHERE task_id = new.id) WHERE task_id = new.id;
       END""",
    f"""CREATE TRIGGER task_text_tag_insert AFTER INSERT ON task_tag BEGIN
         {SQLITE_UPDATE.format(row="new")};
       END""",
    f"""CREATE TRIGGER task_text_tag_update AFTER UPDATE ON task_tag BEGIN
         {SQLITE_UPDATE.format(row="old")};
         {SQLITE_UPDATE.format(row="new")};
       END""",
    f"""CREATE TRIGGER task_text_tag_delete AFTER DELETE ON task_tag BEGIN
         {SQLITE_UPDATE.format(row="old")};
       END""",
)
SQLITE_BACK = (
    """CREATE TRIGGER task_text_insert AFTER INSERT ON task BEGIN
         INSERT INTO task_text (task_id, text) VALUES (new.id, {new});
       END""",
    """CREATE TRIGGER task_text_update AFTER UPDATE OF {columns} ON task WHEN {new} IS NOT {old} BEGIN
         UPDATE task_text SET text = {new} WHERE task_id = new.id;
       END""",
)
POSTGRESQL = (
    # ASCII and Chinese, Japanese and Korean characters are done by normalize() and lower(): the table has the others.
    r"""CREATE OR REPLACE FUNCTION search_fold(raw text) RETURNS text LANGUAGE plpgsql STABLE STRICT AS $$
       DECLARE
         normal text := lower(normalize(raw, NFKC) COLLATE "C");
       BEGIN
         IF normal !~ '[^\u0001-\u007F\u2010-\u205E\u2E80-\uA63F\uAC00-\uD7A3]' THEN
           RETURN normal;
         END IF;
         RETURN normalize(
           (SELECT string_agg(coalesce((SELECT folded FROM search_fold WHERE chars = piece), piece), '' ORDER BY place)
            FROM unnest(string_to_array(normal, NULL)) WITH ORDINALITY AS pieces(piece, place)),
           NFKC
         );
       END $$""",
    # The cost keeps planners from computing it for every row.
    r"""CREATE OR REPLACE FUNCTION search_grams(folded text) RETURNS text[]
       LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
         SELECT array_agg(DISTINCT gram COLLATE "C")
         FROM (SELECT piece, piece || lead(piece) OVER (ORDER BY place) AS pair
               FROM unnest(string_to_array(folded, NULL)) WITH ORDINALITY AS pieces(piece, place)) AS pairs,
              LATERAL (VALUES (piece), (pair)) AS grams(gram)
         WHERE gram !~ '\s'
       $$""",
    f"""CREATE OR REPLACE FUNCTION task_search_text(wanted uuid) RETURNS text LANGUAGE sql STABLE AS $$
         SELECT search_fold({RAW.format(row="task", newline="chr(10)")} || chr(10) || coalesce(
           (SELECT string_agg(name, chr(10)) FROM task_tag WHERE task_id = task.id), ''
         )) || chr(10) || chr(10)
         FROM task WHERE id = wanted
       $$""",
    # An index of folded texts only is empty at first, so making it doesn't keep others from writing.
    "ALTER TABLE task_text ADD COLUMN IF NOT EXISTS is_folded boolean",
    "CREATE INDEX IF NOT EXISTS task_text_grams ON task_text USING gin (search_grams(text)) WHERE is_folded",
    "ALTER INDEX task_text_grams ALTER COLUMN 1 SET STATISTICS 0",
    """CREATE OR REPLACE FUNCTION task_texts_with(wanted text[]) RETURNS SETOF bigint
       LANGUAGE sql STABLE SET enable_seqscan = off AS $$
         SELECT id FROM task_text WHERE search_grams(text) @> wanted AND is_folded
       $$""",
    """CREATE OR REPLACE FUNCTION task_text_mark_folded() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         new.is_folded := true;
         RETURN new;
       END $$""",
    "DROP TRIGGER IF EXISTS task_text_folded ON task_text",
    """CREATE TRIGGER task_text_folded BEFORE INSERT OR UPDATE OF text ON task_text
       FOR EACH ROW EXECUTE FUNCTION task_text_mark_folded()""",
    # The row is locked by a statement before, so that the next one sees what other transactions committed meanwhile.
    """CREATE OR REPLACE FUNCTION task_text_refresh(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
       BEGIN
         PERFORM 1 FROM task_text WHERE task_id = wanted FOR UPDATE;
         UPDATE task_text SET text = task_search_text(wanted)
         WHERE task_id = wanted AND EXISTS (SELECT 1 FROM task WHERE id = wanted);
       END $$""",
    """CREATE OR REPLACE FUNCTION task_text_keep() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF TG_OP = 'INSERT' THEN
           INSERT INTO task_text (task_id, text) VALUES (new.id, task_search_text(new.id));
         ELSIF TG_OP = 'UPDATE' THEN
           PERFORM task_text_refresh(new.id);
         ELSE
           DELETE FROM task_text WHERE task_id = old.id;
         END IF;
         RETURN NULL;
       END $$""",
    """CREATE OR REPLACE FUNCTION task_text_keep_tags() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF TG_OP <> 'INSERT' THEN
           PERFORM task_text_refresh(old.task_id);
         END IF;
         IF TG_OP <> 'DELETE' THEN
           PERFORM task_text_refresh(new.task_id);
         END IF;
         RETURN NULL;
       END $$""",
    "DROP TRIGGER IF EXISTS task_text_tags ON task_tag",
    """CREATE TRIGGER task_text_tags AFTER INSERT OR UPDATE OR DELETE ON task_tag
       FOR EACH ROW EXECUTE FUNCTION task_text_keep_tags()""",
)
POSTGRESQL_BACK = (
    """CREATE OR REPLACE FUNCTION task_text_keep() RETURNS trigger LANGUAGE plpgsql AS $$
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
    "DROP TRIGGER task_text_tags ON task_tag",
    "DROP TRIGGER task_text_folded ON task_text",
    "DROP INDEX task_text_grams",
    "DROP FUNCTION task_text_keep_tags",
    "DROP FUNCTION task_text_refresh",
    "DROP FUNCTION task_text_mark_folded",
    "DROP FUNCTION task_texts_with",
    "DROP FUNCTION task_search_text",
    "DROP FUNCTION search_grams",
    "DROP FUNCTION search_fold",
    "ALTER TABLE task_text DROP COLUMN is_folded",
)


def fold(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def folds() -> dict[str, str]:
    """Returns how each character is folded that isn't kept, and each letter that is written with combining marks."""
    found, wide = {}, dict[str, str]()  # `wide`: the full-width or half-width form of a character
    for code in (*range(0xD800), *range(0xE000, 0x110000)):
        char = chr(code)
        if (folded := fold(char)) != char:
            found[char] = folded
        if unicodedata.decomposition(char).startswith(("<wide>", "<narrow>")):
            wide[folded] = char
    for code in (*range(0xAC00), *range(0xD7A4, 0xD800), *range(0xF900, 0x110000)):  # without Hangul
        apart = unicodedata.normalize("NFD", chr(code))
        if 1 < len(apart) <= LONGEST and len(fold(apart)) < len(apart):
            first, marks = {apart[0], fold(apart[0])}, {apart[1:]}
            first |= {wide[char] for char in first if char in wide}
            marks |= {wide[mark] for mark in marks if mark in wide}
            found |= {char + mark: fold(apart) for char in first for mark in marks}
    return found


def run(editor: BaseDatabaseSchemaEditor, statements: tuple[str, ...]) -> None:
    for statement in statements:
        editor.execute(statement, params=None)


def raw_texts(editor: BaseDatabaseSchemaEditor) -> dict[str, str]:
    newline = "char(10)" if editor.connection.vendor == "sqlite" else "chr(10)"
    return {row: f"({RAW.format(row=row, newline=newline)})" for row in ("new", "old")}


def keep_folded(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Makes the triggers anew, so that texts that change from now on are folded."""
    lite = editor.connection.vendor == "sqlite"
    run(editor, (*(SQLITE_DROP if lite else ()), *FOLDS))
    with editor.connection.cursor() as cursor:
        cursor.executemany("INSERT INTO search_fold (chars, folded) VALUES (%s, %s)", [*folds().items()])
    run(editor, SQLITE if lite else POSTGRESQL)


def fold_all(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    lite = editor.connection.vendor == "sqlite"
    made = "(SELECT text FROM task_search_text AS made WHERE made.task_id = task_text.task_id)"
    write_again(editor, made if lite else "task_search_text(task_id)")


def write_again(editor: BaseDatabaseSchemaEditor, made: str) -> None:
    """Sets each text to the SQL expression `made`, in batches."""
    alias = editor.connection.alias
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM task_text")
        first, last = cursor.fetchone()
        for start in range(first, last + 1, BATCH):
            with transaction.atomic(alias):
                cursor.execute(
                    f"UPDATE task_text SET text = {made} WHERE id BETWEEN %s AND %s"  # noqa: S608  # constants
                    " AND EXISTS (SELECT 1 FROM task WHERE task.id = task_text.task_id)",
                    [start, start + BATCH - 1],
                )
            if editor.connection.vendor == "sqlite" and start + BATCH <= last:
                time.sleep(PAUSE)


def forget_folded(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    lite, texts = editor.connection.vendor == "sqlite", raw_texts(editor)
    back = (statement.format(**texts, columns=COLUMNS) for statement in (SQLITE_BACK if lite else POSTGRESQL_BACK))
    run(editor, (*(SQLITE_DROP if lite else ()), *back, "DROP TABLE search_fold"))


def unfold_all(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    newline = "char(10)" if editor.connection.vendor == "sqlite" else "chr(10)"
    raw = RAW.format(row="task", newline=newline)
    write_again(editor, f"(SELECT {raw} FROM task WHERE task.id = task_text.task_id)")


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0032_user_time_zone")]

    # One transaction would keep other writers out for as long as all of it takes.
    atomic = False
    operations = [
        migrations.RunPython(migrations.RunPython.noop, unfold_all),
        migrations.RunPython(keep_folded, forget_folded, atomic=True),
        migrations.RunPython(fold_all, migrations.RunPython.noop),
    ]
