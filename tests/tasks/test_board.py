"""The table of tasks."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from dashboard.accounts.models import User
from dashboard.keys.models import ApiKey
from dashboard.tasks import board, board_counts
from dashboard.tasks.models import Task
from tests.support.cast import make_task


def shown(client: Client, query: str = "") -> list[str]:
    return [row.upstream_id for row in client.get(f"/?{query}").context["table"].rows]


@pytest.fixture
def four(alice: User, alices_key: ApiKey) -> None:
    now = timezone.now()
    for age, status in enumerate(("queued", "in_progress", "completed", "failed")):
        make_task(alice, alices_key, status, status=status, created_at=now - timedelta(minutes=age), model=f"m-{age}")


def make_many(owner: User, key: ApiKey, number: int) -> None:
    now = timezone.now()
    moments = [now - timedelta(seconds=each) for each in range(number)]
    fields = {"owner": owner, "key": key, "label": "a harbour"}
    Task.objects.bulk_create(
        Task(upstream_id=f"many_{each}", created_at=moment, **fields) for each, moment in enumerate(moments)
    )


def test_it_shows_the_newest_first(as_alice: Client, four: None) -> None:
    assert shown(as_alice) == ["queued", "in_progress", "completed", "failed"]


def test_a_row_says_what_scripts_rely_on(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(condition="overdue")
    html = as_alice.get("/").content.decode()
    assert f'id="task-{alices_task.pk}"' in html
    assert f'data-task-id="{alices_task.upstream_id}"' in html
    assert 'data-status="queued"' in html
    assert 'data-condition="overdue"' in html


@pytest.mark.parametrize("status", ["queued", "in_progress", "completed", "failed"])
def test_it_filters_by_status(as_alice: Client, four: None, status: str) -> None:
    assert shown(as_alice, f"status={status}") == [status]


def test_chips_count_every_status(as_alice: Client, four: None) -> None:
    table = as_alice.get("/?status=failed").context["table"]
    assert [(chip.value, chip.count) for chip in table.chips] == [
        ("", "4"),
        ("queued", "1"),
        ("in_progress", "1"),
        ("completed", "1"),
        ("failed", "1"),
    ]
    assert (table.total, table.first, table.last) == (1, 1, 1)


def test_chips_count_what_a_search_leaves(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    for status, label in (("failed", "Sea"), ("failed", "Sea"), ("completed", "Sea"), ("failed", "Hill")):
        make_task(alice, alices_key, status=status, label=label)
    table = as_alice.get("/?q=sea&status=failed").context["table"]
    assert [chip.count for chip in table.chips] == ["3", "0", "0", "1", "2"]
    assert (len(table.rows), table.total_text) == (2, "2")


def test_a_count_reads_no_more_than_its_cap(
    as_alice: Client, alice: User, alices_key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_counts, "CAP", 3)
    for _ in range(4):
        make_task(alice, alices_key, label="Sea")
    table = as_alice.get("/?q=sea").context["table"]
    assert [chip.count for chip in table.chips] == ["3+", "", "", "", ""]
    assert (table.total, table.total_text) == (None, "3+")


def test_filters_work_together(as_alice: Client, as_ada: Client, alice: User, bob: User, alices_key: ApiKey) -> None:
    long_ago = timezone.now() - timedelta(days=10)
    make_task(alice, alices_key, "old", model="m-1", created_at=long_ago, condition="unreachable")
    make_task(alice, alices_key, "new", model="m-1", condition="unreachable")
    make_task(alice, alices_key, "fine", model="m-1")
    make_task(bob, alices_key, "bobs", model="m-2", condition="checking")
    assert shown(as_alice, "since=7d&model=m-1") == ["fine", "new"]
    assert shown(as_alice, "condition=attention") == ["new", "old"]
    assert shown(as_alice, "condition=attention&since=7d&q=new&model=m-1") == ["new"]
    assert shown(as_ada, "condition=attention&owner=all") == ["new", "old"]
    assert shown(as_ada, f"owner={bob.pk}") == ["bobs"]
    assert shown(as_alice, f"owner={bob.pk}") == ["fine", "new", "old"]  # alice sees only her own tasks
    assert len(shown(as_ada, "owner=999999999")) == 4
    assert shown(as_ada, f"owner={alice.pk}&since=1d&condition=attention") == ["new"]


def test_filters_stay_in_every_address(as_ada: Client, bob: User, alices_task: Task) -> None:
    query = f"q=a&model=m&tag=t&condition=attention&since=7d&owner={bob.pk}&sort=oldest"
    table = as_ada.get(f"/?{query}").context["table"]
    assert table.chips[1].href == f"/?status=queued&{query}"
    assert table.clear_href == "/?sort=oldest"


def test_the_oldest_come_first_if_wanted(
    as_alice: Client, alice: User, alices_key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "PAGE", 2)
    now = timezone.now()
    for number in range(5):
        make_task(alice, alices_key, f"t{number}", created_at=now - timedelta(seconds=number))
    pages, href = [], "/?sort=oldest"
    while href:
        table = as_alice.get(href).context["table"]
        pages.append([row.upstream_id for row in table.rows])
        href = table.older_href
    assert pages == [["t4", "t3"], ["t2", "t1"], ["t0"]]


@pytest.mark.parametrize("sort", ["", "sort=oldest"])
def test_it_goes_back_page_by_page(
    as_alice: Client, alice: User, alices_key: ApiKey, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(board, "PAGE", 2)
    now = timezone.now()
    for number in range(5):
        make_task(alice, alices_key, created_at=now - timedelta(seconds=number))
    forward, href = [], f"/?{sort}"
    while href:
        table = as_alice.get(href).context["table"]
        forward.append(([row.id for row in table.rows], table.first, table.last))
        href = table.older_href
    backward, href = [forward[-1]], table.previous_href
    while href:
        table = as_alice.get(href).context["table"]
        backward.append(([row.id for row in table.rows], table.first, table.last))
        href = table.previous_href
    assert backward == forward[::-1]
    assert [numbers for _, *numbers in forward] == [[1, 2], [3, 4], [5, 5]]


@pytest.mark.parametrize("start", ["x", "-1", "0", "5000", "9" * 30, "²"])
def test_a_number_that_can_not_be_is_not_shown(as_alice: Client, alices_task: Task, start: str) -> None:
    cursor = f"{int((timezone.now() + timedelta(days=1)).timestamp() * 1_000_000)}_{alices_task.pk}"
    table = as_alice.get("/", {"after": cursor, "start": start}).context["table"]
    assert (len(table.rows), table.first) == (1, 0)


@pytest.mark.parametrize("words", ["sunset", "SEA", "over sun", "veo", "find-me"])
def test_it_searches_id_label_prompt_and_model(as_alice: Client, alice: User, alices_key: ApiKey, words: str) -> None:
    make_task(alice, alices_key, "find-me", label="Sunset", prompt="over the sea", model="veo-3")
    make_task(alice, alices_key, "other")
    assert shown(as_alice, f"q={words}") == ["find-me"]


def test_it_searches_letters_of_every_language(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    make_task(alice, alices_key, "find-me", label="Été à la plage")
    make_task(alice, alices_key, "other", label="Ete")
    assert shown(as_alice, "q=ÉTÉ PLAGE") == ["find-me"]


def test_it_searches_further_back_for_what_is_rare(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    make_many(alice, alices_key, board.SEARCHED_FIRST + 10)
    make_task(alice, alices_key, "old", label="a zeppelin", created_at=timezone.now() - timedelta(days=2))
    assert shown(as_alice, "q=zeppelin") == ["old"]


def test_it_pages_through_what_is_found_often(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    number = board.SEARCHED_FIRST + 60
    make_many(alice, alices_key, number)
    href, seen = "/?q=harbour", 0
    while href:
        table = as_alice.get(href).context["table"]
        href, seen = table.older_href, seen + len(table.rows)
    assert seen == number


def test_it_filters_by_model(as_alice: Client, four: None) -> None:
    assert shown(as_alice, "model=m-2") == ["completed"]


def test_members_see_their_own_tasks_only(as_bob: Client, four: None) -> None:
    assert shown(as_bob, "owner=all") == []


def test_admins_see_everybodys_and_may_see_their_own(as_ada: Client, four: None) -> None:
    assert len(shown(as_ada)) == 4
    assert shown(as_ada, "owner=me") == []


def test_with_team_visibility_members_may_see_everybodys(as_bob: Client, four: None, settings: Settings) -> None:
    settings.VISIBILITY = "team"
    assert shown(as_bob) == []
    table = as_bob.get("/?owner=all").context["table"]
    assert len(table.rows) == 4
    assert not any(row.may_change for row in table.rows)


def test_pages_do_not_jump_while_rows_arrive(
    as_alice: Client, alice: User, alices_key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "PAGE", 3)
    now = timezone.now()
    for number in range(7):
        make_task(alice, alices_key, f"t{number}", created_at=now - timedelta(seconds=number))
    first = as_alice.get("/").context["table"]
    make_task(alice, alices_key, "new")
    second = as_alice.get(first.older_href).context["table"]
    third = as_alice.get(second.older_href).context["table"]
    assert [row.upstream_id for row in [*first.rows, *second.rows, *third.rows]] == [f"t{n}" for n in range(7)]
    assert (third.older_href, second.is_first_page, second.newest_href) == ("", False, "/")


def test_rows_of_one_moment_are_all_shown_once(
    as_alice: Client, alice: User, alices_key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "PAGE", 2)
    now = timezone.now()
    made = {make_task(alice, alices_key, created_at=now).upstream_id for _ in range(5)}
    seen, href = [], "/"
    while href:
        table = as_alice.get(href).context["table"]
        seen += [row.upstream_id for row in table.rows]
        href = table.older_href
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize("cursor", ["x", "1_", "_", "-1_00000000-0000-0000-0000-000000000000", "9" * 40 + "_1", "²_1"])
def test_a_broken_cursor_is_the_first_page(as_alice: Client, four: None, cursor: str) -> None:
    assert len(shown(as_alice, f"after={cursor}")) == 4


def test_unknown_filter_values_are_as_if_not_given(as_alice: Client, four: None) -> None:
    assert len(shown(as_alice, "status=nonsense&owner=everyone&q=%00")) == 4


def test_htmx_gets_the_table_alone(as_alice: Client, four: None) -> None:
    answer = as_alice.get("/", headers={"HX-Request": "true"})
    assert b"<html" not in answer.content
    assert b'id="task-table"' in answer.content
    assert "HX-Request" in answer.headers["Vary"]


def test_a_restored_page_is_whole(as_alice: Client, four: None) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert b"<html" in as_alice.get("/", headers=headers).content


def test_queries_do_not_grow_with_rows(
    as_alice: Client, alice: User, alices_key: ApiKey, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_task(alice, alices_key)
    with django_assert_num_queries(12):
        as_alice.get("/")
    for _ in range(20):
        make_task(alice, alices_key)
    with django_assert_num_queries(12):
        as_alice.get("/")


@pytest.mark.parametrize(
    ("has_key", "query", "why"), [(False, "", "no_keys"), (True, "", "no_tasks"), (True, "q=zz", "no_match")]
)
def test_it_says_why_it_is_empty(
    as_alice: Client, request: pytest.FixtureRequest, has_key: bool, query: str, why: str
) -> None:
    if has_key:
        request.getfixturevalue("alices_key")
    assert as_alice.get(f"/?{query}").context["table"].empty == why


def test_text_of_others_is_escaped(as_alice: Client, alice: User, alices_key: ApiKey) -> None:
    make_task(alice, alices_key, label="<img src=x onerror=alert(1)>", status="failed", error_message="</li><script>")
    html = as_alice.get("/").content.decode()
    assert "<img src=x" not in html
    assert "</li><script>" not in html


def test_a_post_is_refused(as_alice: Client) -> None:
    assert as_alice.post("/").status_code == 405


def test_a_visitor_signs_in_first(visitor: Client) -> None:
    assert visitor.get("/").headers["Location"] == "/accounts/login/?next=/"
