"""Tags: they group tasks, while a title names a single one."""

import re

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.tasks import actions, models, rows, tags
from dashboard.tasks.models import Task, TaskEvent, TaskTag
from tests.support.cast import make_task
from tests.support.gateway import Gateway

pytestmark = pytest.mark.django_db


def tags_of(task: Task) -> list[str]:
    return [*task.tags.values_list("name", flat=True)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" , ,, ", []),
        ("launch", ["launch"]),
        (" client  A ,launch\nspring ", ["client A", "launch", "spring"]),
        ("Spring, spring, SPRING", ["Spring"]),
        ("x" * 40, ["x" * 40]),
        ("عربي, 東京", ["عربي", "東京"]),
    ],
)
def test_tags_are_separated_by_commas(text: str, found: list[str]) -> None:
    assert tags.parse_tags(text) == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x" * 41, "A tag can have up to 40 characters."),
        (",".join(f"t{number}" for number in range(21)), "That's 21 tags. A task can have up to 20."),
        ("a\u202eb", "control characters"),
    ],
)
def test_what_is_no_tag_is_said(as_alice: Client, alices_task: Task, text: str, words: str) -> None:
    answer = as_alice.post(f"/tasks/{alices_task.pk}/tags", {"tags": text})
    assert answer.status_code == 422
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert answer.context["tags_form"]["tags"].value() == text
    assert not TaskTag.objects.exists()


def test_a_task_has_the_tags_that_are_entered(as_alice: Client, alices_task: Task) -> None:
    for text, wanted in (("launch, Spring", ["Spring", "launch"]), ("spring", ["spring"]), ("", [])):
        as_alice.post(f"/tasks/{alices_task.pk}/tags", {"tags": text})
        assert sorted(tags_of(alices_task)) == sorted(wanted)
    told = TaskEvent.objects.of_task(alices_task.pk).filter(kind="tags")
    assert [event.detail for event in told] == ["launch, Spring", "spring", ""]
    assert Task.objects.get().version == alices_task.version + 3


def test_the_same_tags_again_are_no_change(as_alice: Client, alices_task: Task) -> None:
    for _ in range(2):
        as_alice.post(f"/tasks/{alices_task.pk}/tags", {"tags": "launch"})
    assert TaskEvent.objects.filter(kind="tags").count() == 1


def test_a_row_and_a_page_show_them(as_alice: Client, alices_task: Task) -> None:
    actions.set_tags(alices_task, ["<b>launch</b>", "client A"])
    assert sorted(rows.row(Task.objects.for_rows().get()).tags) == ["<b>launch</b>", "client A"]
    board = as_alice.get("/").content.decode()
    assert '<bdi class="tag">&lt;b&gt;launch&lt;/b&gt;</bdi>' in board
    page = as_alice.get(f"/tasks/{alices_task.pk}").content.decode()
    (href,) = re.findall(r'href="([^"]*tag=client[^"]*)"', page)
    assert [row.id for row in as_alice.get(href).context["table"].rows] == [alices_task.pk]


def test_many_get_a_tag_and_keep_their_titles(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    made = [make_task(alice, alices_key, label=f"Title {number}") for number in range(3)]
    actions.set_tags(made[0], ["batch a"])
    ids = [str(task.pk) for task in made[:2]]
    answer = as_alice.post("/tasks/bulk/tag", {"ids": ids, "new_tag": "Batch A"}, follow=True)
    (message,) = answer.context["messages"]
    assert str(message) == "Tag “Batch A” added to 1 task."
    assert [tags_of(task) for task in made] == [["batch a"], ["Batch A"], []]
    assert sorted(Task.objects.values_list("label", flat=True)) == ["Title 0", "Title 1", "Title 2"]
    as_alice.post(message.extra_tags)
    assert [tags_of(task) for task in made] == [["batch a"], [], []]


def test_many_lose_a_tag_and_get_it_back(as_alice: Client, as_bob: Client, alice: User, alices_key: ApiKey) -> None:
    made = [make_task(alice, alices_key) for _ in range(3)]
    actions.add_tag(made[:2], "Spring")
    answer = as_alice.post("/tasks/bulk/untag", {"all": "on", "new_tag": "spring"}, follow=True)
    (message,) = answer.context["messages"]
    assert str(message) == "Tag “spring” removed from 2 tasks."
    assert not TaskTag.objects.exists()
    as_bob.post(message.extra_tags)
    assert not TaskTag.objects.exists()
    as_alice.post(message.extra_tags)
    assert [len(tags_of(task)) for task in made] == [1, 1, 0]
    told = as_alice.post(message.extra_tags, headers={"HX-Request": "true"}).headers["HX-Trigger"]
    assert "can't be undone anymore" in told


@pytest.mark.parametrize(
    ("text", "words"), [("", "Enter a tag."), (" , ", "Enter a tag."), ("a, b", "Enter one tag, without commas.")]
)
def test_many_get_one_tag_at_a_time(as_alice: Client, alices_task: Task, text: str, words: str) -> None:
    answer = as_alice.post("/tasks/bulk/tag", {"ids": str(alices_task.pk), "new_tag": text}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [words]


def test_a_full_task_gets_no_more(as_alice: Client, alices_task: Task) -> None:
    actions.set_tags(alices_task, [f"t{number}" for number in range(tags.MOST)])
    answer = as_alice.post("/tasks/bulk/tag", {"ids": str(alices_task.pk), "new_tag": "more"}, follow=True)
    assert "or have 20 tags." in str(next(iter(answer.context["messages"])))
    assert TaskTag.objects.count() == tags.MOST


def test_the_board_is_filtered_by_a_tag(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    one, _ = make_task(alice, alices_key, "one"), make_task(alice, alices_key, "two")
    actions.add_tag([one], "Spring")
    table = as_alice.get("/?tag=Spring").context["table"]
    assert [row.upstream_id for row in table.rows] == ["one"]
    assert [(choice.value, choice.is_current) for choice in table.tags] == [("Spring", True)]
    assert table.chips[0].count == "1"
    assert not as_alice.get("/?tag=other").context["table"].rows


def test_tagging_takes_few_queries(
    as_alice: Client, alice: User, alices_key: ApiKey, django_assert_max_num_queries: object
) -> None:
    for _ in range(2):
        make_task(alice, alices_key)
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        as_alice.post("/tasks/bulk/tag", {"all": "on", "new_tag": "Spring"})


def test_a_new_video_has_the_tags_of_its_form(
    as_alice: Client, alices_key: ApiKey, gateway: Gateway, settings: Settings
) -> None:
    settings.AMUX_BASE_URL = gateway.url
    form = {"key": str(alices_key.pk), "model": "amux", "prompt": "A boat", "tags": "launch, client A"}
    as_alice.post("/tasks/create", form)
    task = Task.objects.get()
    assert sorted(tags_of(task)) == ["client A", "launch"]
    again = as_alice.get(f"/tasks/create?again={task.pk}").content.decode()
    assert 'value="client A, launch"' in again


def test_tags_go_with_their_task(alices_task: Task) -> None:
    actions.add_tag([alices_task], "Spring")
    actions.delete([alices_task])
    assert not TaskTag.objects.exists()


@pytest.mark.parametrize("common", [0, 10])
def test_a_common_and_a_rare_tag_find_the_same(
    as_alice: Client, alice: User, alices_key: ApiKey, monkeypatch: pytest.MonkeyPatch, common: int
) -> None:
    monkeypatch.setattr(models, "COMMON_TAG", common)
    made = [make_task(alice, alices_key, f"t{number}") for number in range(4)]
    actions.add_tag(made[:3], "Spring")
    actions.remove([made[0]])
    table = as_alice.get("/?tag=Spring").context["table"]
    assert [row.upstream_id for row in table.rows] == ["t2", "t1"]
    assert table.total == 2


def test_the_commas_of_chinese_keyboards_separate_tags_too() -> None:
    assert tags.parse_tags("发布会，客户甲、终版, launch") == ["发布会", "客户甲", "终版", "launch"]
