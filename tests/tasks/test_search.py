"""The results of a search, with and without the text index."""

import unicodedata
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.tasks import actions, models, writes
from dashboard.tasks.models import Task, TaskEvent, TaskTag, TaskText
from tests.support.cast import make_task

# Quotes and wildcards; letters with and without marks, composed or not; full-width, half-width and other variants;
# characters that fold to several; Chinese; characters beyond the first plane.
LETTERS = [
    *"abAB12\"'%_\\*^-+:(){}[]，。äÄeéßẞſΣςİıｅＥÉａＡ１２％－（ｶﾞガカ漢字汉貓猫①㎏ﬁ½𠮷🦊—“",
    "e\u0301",
    "ｅ\u0301",
    "A\u0308",
]
WORD = st.lists(st.sampled_from(LETTERS), min_size=1, max_size=5).map("".join)
ANY_WORD = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zs", "Zl", "Zp", "Mn", "Mc")), min_size=1, max_size=4
)


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


def folded(text: str) -> str:
    """The reference, written independently: NFKC, without case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def having(texts: list[str], words: list[str]) -> set[str]:
    wanted = [part for word in words for part in folded(word).split()]
    return {f"{at}" for at, text in enumerate(texts) if all(part in folded(text) for part in wanted)}


def remake(alice: User, key: ApiKey, texts: list[str]) -> None:
    Task.objects.all().delete()
    for at, text in enumerate(texts):
        # The ID is what the result is compared by. It has no letters of the texts, but "0" to "4".
        make_task(alice, key, f"{at}", prompt=text)


@pytest.mark.parametrize("common", [models.COMMON_TERM, 1, 0])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    texts=st.lists(st.lists(WORD, max_size=4), min_size=1, max_size=5),
    words=st.lists(WORD, min_size=1, max_size=3),
)
def test_the_index_finds_what_a_plain_scan_finds(
    alice: User, alices_key: ApiKey, common: int, texts: list[list[str]], words: list[str]
) -> None:
    prompts = [" ".join(text) for text in texts]
    remake(alice, alices_key, prompts)
    expected = having([f"{at}\n{prompt}" for at, prompt in enumerate(prompts)], words)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("RARE_TERM", "COMMON_TERM", "COMMON_IN_ANY_ORDER", "COMMON_ON_POSTGRESQL"):
            patch.setattr(models, name, common)
        assert found(" ".join(words)) == expected
        matching = Task.objects.matching(" ".join(words), in_any_order=True)
        assert set(matching.values_list("upstream_id", flat=True)) == expected
        few = Task.objects.few_matching(" ".join(words))
        assert few is None or set(few.values_list("upstream_id", flat=True)) == expected
    assert set(Task.objects.scanning_for(" ".join(words)).values_list("upstream_id", flat=True)) == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(text=st.lists(ANY_WORD, min_size=1, max_size=4), data=st.data())
def test_every_part_of_a_text_is_found(alice: User, alices_key: ApiKey, text: list[str], data: st.DataObject) -> None:
    remake(alice, alices_key, [" ".join(text)])
    word = data.draw(st.sampled_from(folded(" ".join(text)).split()))
    start = data.draw(st.integers(0, len(word) - 1))
    assert found(word[start : data.draw(st.integers(start + 1, len(word)))]) == {"0"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(text=st.lists(WORD | ANY_WORD, min_size=1, max_size=6))
def test_the_database_folds_as_python_does(alice: User, alices_key: ApiKey, text: list[str]) -> None:
    remake(alice, alices_key, [" ".join(text)])
    assert TaskText.objects.get().text == folded("0\n\n" + " ".join(text) + "\n\n") + "\n\n"


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("鹭", {"one"}),
        ("鹭鸶", {"one"}),
        ("的鹭", {"one"}),
        ("的", {"one", "two"}),
        ("的 琥", {"two"}),
        ("ABC123", {"one"}),
        ("ＡＢＣ１２３", {"one"}),
        ("４k 琥珀", {"two"}),
        ("4K", {"two"}),
        ("k高", {"two"}),
        ("K高清，", {"two"}),
        ("，", {"two"}),
        ("ガラス", {"one"}),
        ("ｶﾞﾗｽ", {"one"}),
        ("鹭鸶　abc", {"one"}),
        ("無", set()),
        ("没有", set()),
        ("ü", {"two"}),
        ("Ü", {"two"}),
        ("u\u0308", {"two"}),
    ],
)
def test_it_finds_words_of_any_length_width_and_case(
    alice: User, alices_key: ApiKey, words: str, ids: set[str]
) -> None:
    make_task(alice, alices_key, "one", prompt="黄昏的鹭鸶，ａｂｃ１２３ ｶﾞﾗｽ".replace("，", " "))
    make_task(alice, alices_key, "two", label="琥珀的光", prompt="４Ｋ高清，über")
    assert found(words) == ids


def test_a_last_character_is_found(alice: User, alices_key: ApiKey) -> None:
    make_task(alice, alices_key, "one", model="模型")
    assert found("型") == found("模型") == {"one"}


def test_tags_are_found(alice: User, alices_key: ApiKey) -> None:
    task = make_task(alice, alices_key, "one", label="Sunset")
    make_task(alice, alices_key, "two", label="Sunset")
    actions.set_tags(task, ["春天", "Deep sea"])
    assert found("春") == found("DEEP sunset") == found("sea 春天") == {"one"}
    actions.set_tags(task, ["autumn"])
    assert found("春") == found("deep") == set()
    assert found("autumn") == {"one"}


def test_a_tag_that_is_renamed_is_found_by_its_new_name(alice: User, alices_key: ApiKey) -> None:
    one, two = (make_task(alice, alices_key, name) for name in ("one", "two"))
    actions.set_tags(one, ["autumn"])
    TaskTag.objects.update(name="winter", task=two)
    assert (found("autumn"), found("winter")) == (set(), {"two"})


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
    migration = import_module("dashboard.migrations.0033_search_grams")
    with connection.schema_editor() as editor:
        migration.forget_folded(apps, editor)
    task = make_task(alice, alices_key, "before", label="Ｓｕｎｓｅｔ 黄昏")
    actions.set_tags(task, ["春天"])
    assert TaskText.objects.get().text == "before\nＳｕｎｓｅｔ 黄昏\n\n"
    for _ in range(2):  # the second time, as after an interruption
        with connection.schema_editor() as editor:
            migration.keep_folded(apps, editor)
        migration.fold_all(apps, editor)
    make_task(alice, alices_key, "after", label="sunset 黄昏")
    assert found("sunset") == found("昏") == found("黄昏") == {"before", "after"}
    assert found("春") == {"before"}


@pytest.mark.django_db(transaction=True)
def test_the_version_before_gets_its_texts_back(alice: User, alices_key: ApiKey) -> None:
    migration = import_module("dashboard.migrations.0033_search_grams")
    make_task(alice, alices_key, "one", label="Ａ Sunset", model="veo-3")
    try:
        with connection.schema_editor() as editor:
            migration.forget_folded(apps, editor)
        migration.unfold_all(apps, editor)
        assert TaskText.objects.get().text == "one\nＡ Sunset\n\nveo-3"
        assert indexed("Sunset") == 1
    finally:
        with connection.schema_editor() as editor:
            migration.keep_folded(apps, editor)
        migration.fold_all(apps, editor)


def test_a_program_without_our_code_can_write(alice: User, alices_key: ApiKey) -> None:
    """Such as a server of the version before, or sqlite3: triggers use nothing but SQL."""
    task = make_task(alice, alices_key, "one")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE task SET prompt = 'Ｔａｌｌ 草' WHERE upstream_id = 'one'")
        cursor.execute("UPDATE task_tag SET name = 'x' WHERE name = 'y'")
    assert TaskText.objects.get(task=task).text == "one\n\ntall 草\n\n\n\n"


def test_few_are_known_from_the_index_alone(alice: User, alices_key: ApiKey, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in range(3):
        make_task(alice, alices_key, f"task_{at}", label="琥珀" if at else "琥珀鹭")
    monkeypatch.setattr(models, "RARE_TERM", 2)
    assert Task.objects.few_matching("琥珀") is None
    few = Task.objects.few_matching("鹭 琥珀")
    assert few is not None
    assert few.count() == 1
