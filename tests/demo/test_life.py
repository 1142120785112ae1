"""The state of a task follows from the clock."""

import random

from dashboard.demo import options, tasks
from dashboard.demo.clock import Clock
from dashboard.demo.tasks import Failure, Step, Task


def task(steps: list[Step]) -> Task:
    return Task("a", 1, "alice", options.parse("amux"), "", "short", {}, Failure(1, "", ""), steps)


def test_it_goes_through_its_plan() -> None:
    planned = task(tasks.plan(100.0, 5.0, 10.0, "failed"))
    assert [planned.status(at) for at in (100.0, 104.9, 105.0, 114.9, 115.0)] == [
        "queued",
        "queued",
        "in_progress",
        "in_progress",
        "failed",
    ]


def test_it_makes_progress_only_while_it_runs() -> None:
    planned = task(tasks.plan(100.0, 5.0, 10.0, "completed"))
    assert [planned.progress(at) for at in (101.0, 105.0, 110.0, 115.0)] == [0, 1, 50, 100]


def test_it_drops_its_plan_when_moved() -> None:
    planned = task(tasks.plan(100.0, 5.0, 10.0, "completed"))
    planned.move("failed", 107.0)
    assert planned.status(1_000.0) == "failed"
    assert [step.status for step in planned.steps] == ["queued", "in_progress", "failed"]


def test_it_has_a_past_when_put_into_a_status() -> None:
    done = task(tasks.history(100.0, 5.0, 10.0, "completed"))
    assert (done.created_at, done.entered(100.0, "in_progress"), done.entered(100.0, "completed")) == (
        85.0,
        90.0,
        100.0,
    )


def test_it_lives_by_its_models_words() -> None:
    rng = random.Random(1)
    lives = {word: tasks.life_span(options.parse(f"amux+{word}"), rng, 1.0) for word in ("instant", "fast", "stuck")}
    assert lives["instant"] == (0.0, 0.0)
    assert sum(lives["fast"]) < 2
    assert lives["stuck"][1] == tasks.FOREVER


def test_it_stays_within_believable_bounds_and_scales_with_the_pace() -> None:
    rng = random.Random(2)
    for _ in range(100):
        queued, running = tasks.life_span(options.parse("amux"), rng, 0.1)
        assert 0.2 <= queued <= 0.6
        assert 0.8 <= running <= 2.5


def test_it_can_let_time_pass_at_once() -> None:
    clock = Clock(lambda: 100.0, lambda: 7.0)
    clock.advance(50)
    clock.advance(-10)
    assert (clock.wall(), clock.monotonic()) == (150.0, 57.0)
