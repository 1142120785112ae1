"""The results of a search, with and without the text index."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.tasks import actions, models, writes
from dashboard.tasks.models import Task, TaskEvent, TaskText
from tests.support.cast import make_task

LETTERS = "abAB\"'%_\\*^-+:(){}[]äÄ漢"
WORD = st.text(LETTERS, min_size=1, max_size=5)


def found(words: str) -> set[str]:
    return set(Task.objects.matching(words).values_list("upstream_id", flat=True))


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("sunset", {"one"}),
        ("SUNSET sea", {"one"}),
        ("sunset harbour", set()),
        ("un", {"one"}),
        ("se un", {"one"}),
        ("the", {"one", "two"}),
        ("sunset\tover", {"one"}),
        ("setover", set()),
        ("100%", {"two"}),
        ("100_", set()),
        ('"quoted"', {"two"}),
        ('"quoted" OR sunset', set()),
        ("sun* NEAR", set()),
        ("ÜBER", {"two"}),
        ("漢字", {"two"}),
        ("漢字テ", {"two"}),
        ("", {"one", "two"}),
    ],
)
def test_it_finds_what_has_every_word(alice: User, alices_key: ApiKey, words: str, ids: set[str]) -> None:
    make_task(alice, alices_key, "one", label="Sunset", prompt="over the sea", model="veo-3")
    make_task(alice, alices_key, "two", label="the 100% über", prompt='a "quoted" harbour, 漢字テスト')
    assert found(words) == ids


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(texts=st.lists(st.lists(WORD, max_size=4), min_size=1, max_size=5), words=st.lists(WORD, min_size=1, max_size=3))
def test_the_index_finds_what_reading_finds(
    alice: User, alices_key: ApiKey, texts: list[list[str]], words: list[str]
) -> None:
    Task.objects.all().delete()
    for number, text in enumerate(texts):
        make_task(alice, alices_key, f"{number}", prompt=" ".join(text))
    expected = {
        f"{number}"
        for number, text in enumerate(texts)
        if all(word.lower() in " ".join(text).lower() for word in words)
    }
    looked_up = found(" ".join(words))
    if connection.vendor == "sqlite" and any(len(word) < models.TRIGRAM and not word.isascii() for word in words):
        assert looked_up <= expected  # such a short word is not in SQLite's index
    else:
        assert looked_up == expected


def test_what_many_have_is_read_for(alice: User, alices_key: ApiKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "COMMON_TERM", 2)
    for number in range(3):
        make_task(alice, alices_key, f"task_{number}", label="a harbour", prompt="rare" if number == 1 else "")
    assert found("harbour") == {"task_0", "task_1", "task_2"}
    assert found("HARBOUR rare") == {"task_1"}


def test_what_is_written_later_is_found(alice: User, alices_key: ApiKey) -> None:
    task = make_task(alice, alices_key, "one", label="Sunset")
    actions.label([task], "Moonrise")
    assert (found("sunset"), found("moonrise")) == (set(), {"one"})
    writes.update_task(task, TaskEvent.Kind.STATUS, prompt="over the lagoon", model="veo-3", upstream_id="other")
    assert found("moonrise lagoon veo other") == {"other"}


def test_what_is_deleted_leaves_no_text(alice: User, alices_key: ApiKey) -> None:
    kept = make_task(alice, alices_key, "kept", label="Sunset")
    actions.delete([make_task(alice, alices_key, "gone", label="Sunset")])
    assert found("sunset") == {"kept"}
    assert [text.task_id for text in TaskText.objects.all()] == [kept.pk]
    assert indexed("sunset") == 1


def indexed(word: str) -> int:
    if connection.vendor == "postgresql":
        return TaskText.objects.filter(text__icontains=word).count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM task_text_trigrams WHERE task_text_trigrams MATCH %s", [word])
        return int(cursor.fetchone()[0])


def test_a_poll_that_changes_no_text_leaves_the_index_alone(alice: User, alices_key: ApiKey) -> None:
    task = make_task(alice, alices_key, "one", label="Sunset")
    TaskText.objects.update(text="not touched")
    writes.update_task(task, TaskEvent.Kind.PROGRESS, progress=10, label="Sunset")
    assert TaskText.objects.get().text == "not touched"


@pytest.mark.django_db(transaction=True)
def test_tasks_from_before_are_found(alice: User, alices_key: ApiKey) -> None:
    migration = import_module("dashboard.migrations.0008_task_text")
    with connection.schema_editor() as editor:
        migration.forget_texts(apps, editor)
    TaskText.objects.all().delete()
    make_task(alice, alices_key, "before", label="Sunset")
    assert not TaskText.objects.exists()
    with connection.schema_editor() as editor:
        migration.keep_texts(apps, editor)
    make_task(alice, alices_key, "after", label="Sunset")
    assert found("sunset") == {"before", "after"}
