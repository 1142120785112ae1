"""Model names select the dialect and all other options."""

import pytest

from dashboard.demo import options


def test_it_takes_a_name_apart() -> None:
    model = options.parse("new-api-wrapped+portrait+cut=65536")
    assert (model.dialect, model.video, model.number("cut")) == ("new-api-wrapped", "portrait", 65536.0)


@pytest.mark.parametrize("name", options.DIALECTS)
def test_it_knows_every_dialect(name: str) -> None:
    assert options.parse(name).dialect == name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sora", "does not exist. Available: amux"),
        ("amux+shiny", "no option 'shiny'"),
        ("amux+lie=white", "'lie' is one of: unasked206"),
        ("amux+cut=many", "takes a number"),
    ],
)
def test_it_says_what_is_wrong_with_a_name(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        options.parse(name)
