"""What must never be logged, and what must remain readable."""

import pytest

from dashboard.logs import masking

LEAKS = [
    ("gateway said: sk-live-0123456789abcdef is bad", "0123456789abcdef"),
    ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
    ("{'authorization': 'bearer\tk-9f8e7d6c'}", "k-9f8e7d6c"),
    ("Authorization: Basic YWxpY2U6c2VjcmV0", "YWxpY2U6c2VjcmV0"),
    ("GET /s/pOvwsxQ2u9Zb-k_1 200", "pOvwsxQ2u9Zb-k_1"),
    ("GET /s/pOvwsxQ2u9Zb-k_1/content 206", "pOvwsxQ2u9Zb-k_1"),
    ("GET /s//pOvwsxQ2u9Zb-k_1 404", "pOvwsxQ2u9Zb-k_1"),
    ("Referer: https://reelboard.example.com/join/Zz91-x_y", "Zz91-x_y"),
    ("GET https://cdn.example.com/video.mp4?X-Signature=f00ba4&e=1", "f00ba4"),
    ("could not connect to postgres://reelboard:hunter2hunter2@db/reelboard", "hunter2hunter2"),
    ("rediss://:hunter2hunter2@redis:6379/0", "hunter2hunter2"),
    ("sealed gAAAAABnQeXyZw0123456789abcdefghijklmnop_-==", "0123456789abcdefghijklmnop"),
    ("Cookie: __Host-session=9a8b7c6d5e4f; reelboard_csrf=q1w2e3r4", "9a8b7c6d5e4f"),
    ("Cookie: __Host-session=9a8b7c6d5e4f; reelboard_csrf=q1w2e3r4", "q1w2e3r4"),
]


@pytest.mark.parametrize(("text", "secret"), LEAKS)
def test_it_masks_what_looks_like_a_secret(text: str, secret: str) -> None:
    assert secret not in masking.mask(text)


@pytest.mark.parametrize(
    "text", ["video of task 3f0c broken off", "GET /tasks/3f0c/content 206", "key sk-…1234 refused"]
)
def test_it_leaves_the_rest_alone(text: str) -> None:
    assert masking.mask(text) == text


def test_it_masks_a_secret_of_no_known_shape_that_was_held() -> None:
    masking.remember_secrets("Correct/Horse+Battery=Staple")
    assert masking.mask("x=Correct/Horse+Battery=Staple!") == "x=…!"
    assert masking.mask("?key=Correct%2FHorse%2BBattery%3DStaple") == "?key=…"


def test_it_masks_the_longer_of_two_with_one_beginning() -> None:
    masking.remember_secrets("Twelve-Monkeys-12", "Twelve-Monkeys-12-and-more")
    assert masking.mask("Twelve-Monkeys-12-and-more; Twelve-Monkeys-12") == "…; …"


def test_it_does_not_take_a_short_word_for_a_secret() -> None:
    masking.remember_secrets("task", "")
    assert masking.mask("task") == "task"


def test_it_remembers_a_bounded_number() -> None:
    masking.remember_secrets(*(f"and-more-{number:08d}" for number in range(masking.MOST + 10)))
    assert masking.mask("and-more-00000000") == "and-more-00000000"
    assert masking.mask(f"and-more-{masking.MOST:08d}") == "…"


@pytest.mark.parametrize("sign", ["\n", "\r", "\x1b[31m", "\x00", "\x7f", "\x9b", "\u2028", "\u202e", "\u2066"])
def test_it_escapes_what_could_forge_a_line(sign: str) -> None:
    assert masking.escape_control_characters(f"a{sign}b").isprintable()


def test_it_keeps_words_of_every_language() -> None:
    assert masking.escape_control_characters("Grüße, 世界 🎬") == "Grüße, 世界 🎬"
