"""How the gateway's answers change a task."""

from datetime import timedelta

from dashboard.tasks.models import Task, Video
from tests.polling.rounds import answer, asked, at, events_of, poll, seconds_to_next, written_back
from tests.support.tasks import video_of


def test_it_moves_a_task_to_what_the_gateway_says(alices_task: Task) -> None:
    poll(answer("in_progress"), at(alices_task, 1))
    alices_task.refresh_from_db()
    assert (alices_task.status, alices_task.version, alices_task.polls) == ("in_progress", 2, 1)
    assert alices_task.started_at == at(alices_task, 1)
    assert alices_task.lease_token is None


def test_it_tells_every_change_once_and_nothing_else(alices_task: Task) -> None:
    for second in (1, 7, 14, 22):
        poll(answer("in_progress", progress=second if second < 10 else 50), at(alices_task, second))
    kinds = [(1, "created"), (2, "status"), (3, "progress"), (4, "progress")]
    assert events_of(alices_task) == kinds


def test_it_asks_again_within_the_interval(alices_task: Task) -> None:
    now = at(alices_task, 1)
    poll(answer(), now)
    assert 4.5 <= seconds_to_next(alices_task, now) <= 5.02


def finish(task: Task, url: str) -> None:
    Task.objects.filter(pk=task.pk).update(status="completed")
    Video.objects.create(pk=task.pk, task=task, url=url)


def test_it_ends_a_completed_task(alices_task: Task) -> None:
    now = at(alices_task, 9)
    facts = {"duration": 5.0, "fps": 24, "width": 1280, "height": 720, "seed": 7}
    poll(answer("completed", url="https://cdn.example/v.mp4", format="mp4", metadata=facts), now)
    alices_task.refresh_from_db()
    assert (alices_task.status, alices_task.next_poll_at, alices_task.finished_at) == ("completed", None, now)
    assert (video_of(alices_task).url, alices_task.width, alices_task.duration) == (
        "https://cdn.example/v.mp4",
        1280,
        5.0,
    )
    assert '"completed"' in alices_task.raw


def test_it_ends_a_failed_task_with_its_reason(alices_task: Task) -> None:
    poll(answer("failed", error={"code": 50001, "message": "No cats."}), at(alices_task, 9))
    alices_task.refresh_from_db()
    assert (alices_task.status, alices_task.error_code, alices_task.error_message) == ("failed", "50001", "No cats.")


def test_it_leaves_a_task_alone_at_a_word_it_does_not_know(alices_task: Task) -> None:
    now = at(alices_task, 1)
    poll(answer("simmering"), now)
    alices_task.refresh_from_db()
    assert (alices_task.status, alices_task.raw_status, alices_task.condition) == ("queued", "simmering", "")
    assert seconds_to_next(alices_task, now) < 5.02


def test_it_never_moves_a_finished_task(alices_task: Task) -> None:
    finish(alices_task, url="https://cdn.example/old.mp4")
    poll(answer("in_progress"), at(alices_task, 5))
    alices_task.refresh_from_db()
    assert (alices_task.status, alices_task.next_poll_at) == ("completed", None)
    assert video_of(alices_task).url == "https://cdn.example/old.mp4"


def test_it_refreshes_the_address_of_a_finished_task(alices_task: Task) -> None:
    finish(alices_task, url="https://cdn.example/old.mp4")
    poll(answer("completed", url="https://cdn.example/new.mp4"), at(alices_task, 5))
    alices_task.refresh_from_db()
    assert video_of(alices_task).url == "https://cdn.example/new.mp4"
    assert events_of(alices_task)[-1] == (2, "detail")


def test_it_lets_a_task_go_back_into_the_queue(alices_task: Task) -> None:
    poll(answer("in_progress"), at(alices_task, 1))
    poll(answer("queued"), at(alices_task, 8))
    alices_task.refresh_from_db()
    assert alices_task.status == "queued"


def test_it_does_not_ask_for_an_intent(alices_task: Task) -> None:
    Task.objects.filter(pk=alices_task.pk).update(upstream_id="")
    assert asked(answer(), at(alices_task, 5)) == []


def test_it_keeps_a_label_that_was_given_while_it_asked(alices_task: Task) -> None:
    polls = asked(answer("completed"), at(alices_task, 1))
    Task.objects.filter(pk=alices_task.pk).update(label="Renamed", version=2)
    written_back(polls, at(alices_task, 2))
    alices_task.refresh_from_db()
    assert (alices_task.label, alices_task.status, alices_task.version) == ("Renamed", "completed", 3)


def test_a_task_that_ends_after_its_deadline_is_not_overdue(alices_task: Task) -> None:
    late = alices_task.created_at + timedelta(seconds=601)
    poll(answer("completed"), late)
    alices_task.refresh_from_db()
    assert (alices_task.status, alices_task.condition) == ("completed", "")


def test_it_calls_a_task_past_its_deadline_overdue_and_goes_on_slowly(alices_task: Task) -> None:
    now = at(alices_task, 601)
    poll(answer(), now)
    assert 270 <= seconds_to_next(alices_task, now) <= 300
    assert (alices_task.condition, alices_task.status) == ("overdue", "in_progress")


def test_it_stops_asking_a_day_after_the_deadline(alices_task: Task) -> None:
    poll(answer(), at(alices_task, 600) + timedelta(hours=24))
    alices_task.refresh_from_db()
    assert (alices_task.next_poll_at, alices_task.condition) == (None, "overdue")


def test_it_takes_a_late_result(alices_task: Task) -> None:
    poll(answer(), at(alices_task, 700))
    poll(answer("completed"), at(alices_task, 1100))
    alices_task.refresh_from_db()
    assert (alices_task.status, alices_task.condition) == ("completed", "")


def test_it_believes_a_finishing_time_that_can_be_true(alices_task: Task) -> None:
    told = int(at(alices_task, 30).timestamp())
    poll(answer("completed", finished_at=told), at(alices_task, 40))
    alices_task.refresh_from_db()
    assert alices_task.finished_at is not None
    assert alices_task.finished_at.timestamp() == told


def test_it_does_not_believe_a_finishing_time_in_the_future(alices_task: Task) -> None:
    now = at(alices_task, 40)
    poll(answer("completed", finished_at=int(at(alices_task, 4000).timestamp())), now)
    alices_task.refresh_from_db()
    assert alices_task.finished_at == now
