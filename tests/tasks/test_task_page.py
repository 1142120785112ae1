"""A task's own page."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from dashboard.tasks import writes
from dashboard.tasks.models import Task
from dashboard.templatetags.display import date_time


def test_it_shows_the_facts_with_units(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(duration=5.0, width=1280, height=720, fps=24, seed=2**60)
    facts = {fact.name: fact.value for fact in as_alice.get(f"/tasks/{alices_task.pk}").context["facts"]}
    assert facts["Size"] == "1280 × 720 px"
    assert (facts["Length"], facts["Frame rate"], facts["Seed"]) == ("5 s", "24 fps", str(2**60))


def test_it_tells_what_happened_when(as_alice: Client, alices_task: Task) -> None:
    writes.update_task(alices_task, "status", status="in_progress")
    writes.update_task(alices_task, "progress", progress=30)
    writes.update_task(alices_task, "condition", condition="unreachable")
    words = [moment.title for moment in as_alice.get(f"/tasks/{alices_task.pk}").context["timeline"]]
    assert words == ["Tracking started", "In progress", "Gateway unreachable"]


def test_it_shows_the_failure_with_its_code_and_words(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(status="failed", error_code="50001", error_message="Rejected <b>here</b>.")
    html = as_alice.get(f"/tasks/{alices_task.pk}").content.decode()
    assert "50001" in html
    assert "Rejected &lt;b&gt;here&lt;/b&gt;." in html


def test_it_shows_the_raw_answer_indented(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(raw='{"status":"queued"}', raw_http_status=200, raw_at=timezone.now())
    assert as_alice.get(f"/tasks/{alices_task.pk}").context["raw"] == '{\n  "status": "queued"\n}'


def test_it_shows_a_raw_answer_that_is_no_json(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(raw="<html>oops")
    assert "&lt;html&gt;oops" in as_alice.get(f"/tasks/{alices_task.pk}").content.decode()


def test_it_says_what_the_gateway_said_instead_of_a_status(as_alice: Client, alices_task: Task) -> None:
    writes.update_task(alices_task, "condition", condition="silent", detail="任务不存在 <b>")
    html = as_alice.get(f"/tasks/{alices_task.pk}").content.decode()
    assert "No status reported" in html
    assert '<p class="gateway-words" dir="auto" hx-disable>任务不存在 &lt;b&gt;</p>' in html


def test_it_says_what_came_of_a_task_that_may_have_been_started(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(condition="unclear", raw='{"error": {"message": "upstream timed out"}}')
    page = as_alice.get(f"/tasks/{alices_task.pk}")
    assert page.context["condition_detail"] == "upstream timed out"
    Task.objects.update(raw="No answer came.")
    assert "No answer came." in as_alice.get(f"/tasks/{alices_task.pk}").context["condition_detail"]


def test_it_says_that_there_is_no_video_and_why(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(status="completed", error_message="Filtered.\nTwice.")
    html = as_alice.get(f"/tasks/{alices_task.pk}").content.decode()
    assert "Finished without a video" in html
    assert "Filtered.\nTwice.</p>" in html
    assert "Finished without a video: Filtered." in as_alice.get("/").content.decode()


def test_a_well_known_failure_is_said_in_our_words_first(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(status="failed", error_code="insufficient_quota", error_message="余额不足 <b>")
    html = " ".join(as_alice.get(f"/tasks/{alices_task.pk}").content.decode().split())
    ours, marked, theirs = (
        html.index(text)
        for text in (
            "There isn&#x27;t enough balance",
            "The gateway says:",
            '<p lang="" class="gateway-words" dir="auto">余额不足 &lt;b&gt;</p>',
        )
    )
    assert ours < marked < theirs
    row = as_alice.get("/").content.decode().partition('class="reason')[2].partition("</p>")[0]
    assert "There isn&#x27;t enough balance or quota. The gateway says: 余额不足 &lt;b&gt;" in row.partition(">")[0]
    assert '<q lang="" dir="auto">余额不足 &lt;b&gt;</q>' in row


def test_an_unknown_failure_is_said_by_the_gateway_alone(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(status="failed", error_code="E42", error_message="Not today.")
    html = " ".join(as_alice.get(f"/tasks/{alices_task.pk}").content.decode().split())
    assert '<h3>Generation failed</h3> <p class="subtle">The gateway says:</p>' in html


def test_a_code_without_words_is_enough(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(status="failed", error_code="content_policy_violation", error_message="")
    html = as_alice.get(f"/tasks/{alices_task.pk}").content.decode()
    assert "A content filter rejected the request or the video." in html
    assert "The gateway says:" not in html
    assert "No reason given" not in html


def test_it_shows_all_of_a_long_failure(as_alice: Client, alices_task: Task) -> None:
    reason = "reason " * 1_000 + "the end"
    Task.objects.update(status="failed", error_message=reason)
    html = as_alice.get(f"/tasks/{alices_task.pk}").content.decode()
    assert "Show all" in html
    assert f"{reason}</p>" in html


def test_it_says_when_the_next_check_is(as_alice: Client, alices_task: Task) -> None:
    def line(seconds: float) -> str:
        Task.objects.update(next_poll_at=timezone.now() + timedelta(seconds=seconds))
        return str(as_alice.get(f"/tasks/{alices_task.pk}").context["polling_line"])

    assert line(10) == "Checking every few seconds."
    assert line(3000) == f"Next check at {date_time(Task.objects.get().next_poll_at)}."


def test_it_shows_what_it_cost_in_the_gateways_units(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(usage={"total_tokens": 108_900, "credits": 2.5})
    facts = {fact.name: fact.value for fact in as_alice.get(f"/tasks/{alices_task.pk}").context["facts"]}
    assert (facts["Usage: total_tokens"], facts["Usage: credits"]) == ("108,900", "2.5")


def test_it_shows_a_status_word_that_is_in_no_table(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(raw_status="simmering")
    assert "Gateway status: “simmering”" in as_alice.get("/").content.decode()


def test_the_player_says_no_status_that_nobody_has_told(as_alice: Client, alices_task: Task) -> None:
    for condition, word in (("checking", "Checking…"), ("unclear", "Unknown"), ("", "Queued")):
        Task.objects.update(condition=condition, upstream_id="")
        player = as_alice.get(f"/tasks/{alices_task.pk}/player").content.decode()
        assert player.partition("<strong>")[2].partition("</strong>")[0].strip() == word


def test_a_row_has_no_separator_before_nothing(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(upstream_id="", model="amux", label="", prompt="A sea")
    row = as_alice.get("/").content.decode().partition('class="row-meta')[2].partition("</p>")[0]
    assert row.count("<span") == 1


def test_a_folded_reason_begins_with_its_first_word(as_alice: Client, alices_task: Task) -> None:
    """Its line breaks are preserved, so a line break in the template would be visible."""
    Task.objects.update(status="failed", error_message="Too long. " * 100)
    page = as_alice.get(f"/tasks/{alices_task.pk}").content.decode()
    kept = page.split('class="gateway-words" dir="auto">')[1:]
    assert len(kept) == 2
    assert all(one.startswith("Too long.") for one in kept)


def test_its_state_and_player_are_fragments(as_alice: Client, alices_task: Task) -> None:
    assert b'id="task-state"' in as_alice.get(f"/tasks/{alices_task.pk}/state").content
    assert b'id="task-player"' in as_alice.get(f"/tasks/{alices_task.pk}/player").content


def test_a_stranger_finds_nothing(as_bob: Client, alices_task: Task) -> None:
    for tail in ("", "/state", "/player"):
        assert as_bob.get(f"/tasks/{alices_task.pk}{tail}").status_code == 404


def test_an_admin_sees_it(as_ada: Client, alices_task: Task) -> None:
    assert as_ada.get(f"/tasks/{alices_task.pk}").status_code == 200


def test_an_answer_that_would_be_mostly_indentation_is_shown_as_it_came(as_alice: Client, alices_task: Task) -> None:
    deep = "[" * 300 + "1," * 30_000 + "1" + "]" * 300
    Task.objects.filter(pk=alices_task.pk).update(raw=deep)
    answer = as_alice.get(f"/tasks/{alices_task.pk}")
    assert answer.context["raw"] == deep
    assert len(answer.content) < 200_000


def test_a_long_prompt_is_folded_and_whole(as_alice: Client, alices_task: Task) -> None:
    Task.objects.update(prompt="A sea. " * 300)
    page = as_alice.get(f"/tasks/{alices_task.pk}").content.decode()
    folded = page.partition('<div class="folded-prompt">')[2].partition("</details>")[0]
    assert folded.count("A sea.") == 300
    Task.objects.update(prompt="A sea.")
    assert "folded-prompt" not in as_alice.get(f"/tasks/{alices_task.pk}").content.decode()
