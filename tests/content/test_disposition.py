"""content.disposition: the file name of a downloaded video."""

import re
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.content import disposition

FIELD = re.compile(r"(inline|attachment); filename=\"([A-Za-z0-9 ._()+,=-]+)\"; filename\*=UTF-8''([A-Za-z0-9._~%-]+)")


def names(title: str, media_type: str = "video/mp4") -> tuple[str, str]:
    match = FIELD.fullmatch(disposition.disposition(title, media_type, download=True))
    assert match is not None
    return match[2], unquote(match[3])


@pytest.mark.parametrize(
    ("title", "plain", "exact"),
    [
        ("Red fox", "Red fox.mp4", "Red fox.mp4"),
        ("../../x", "x.mp4", "_.._x.mp4"),
        ('say "hi"', "say _hi.mp4", "say _hi_.mp4"),
        ("a\r\nSet-Cookie: b=c", "a Set-Cookie_ b=c.mp4", "a Set-Cookie_ b=c.mp4"),
        ("Füchse 🦊 im Schnee", "Fuchse  im Schnee.mp4", "Füchse 🦊 im Schnee.mp4"),
        ("fdp.\u202e4pm.exe", "fdp.4pm.exe.mp4", "fdp.4pm.exe.mp4"),
        ("狐", "video.mp4", "狐.mp4"),
        (" ... ", "video.mp4", "video.mp4"),
        ("clip.mp4", "clip.mp4", "clip.mp4"),
    ],
)
def test_it_makes_a_harmless_name(title: str, plain: str, exact: str) -> None:
    assert names(title) == (plain, exact)


def test_it_names_the_type() -> None:
    assert names("a", "video/webm")[1] == "a.webm"
    assert names("a", "video/quicktime")[1] == "a.mov"
    assert disposition.disposition("a", "video/mp4", download=False).startswith("inline; ")


@given(st.text())
def test_it_splits_nothing_whatever_the_title(title: str) -> None:
    plain, exact = names(title)
    assert len(exact) <= 120
    assert len(exact.encode()) <= 255
    assert not set(exact) & set('/\\:*?"<>|\r\n\0')
    assert not exact.startswith(".")
    assert not any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in exact)
    assert len(plain) <= 2 * 120


@pytest.mark.parametrize("sign", ["x", "é", "狐", "🦊"])
def test_it_keeps_names_short(sign: str) -> None:
    assert 50 < len(names(sign * 300)[1]) <= 120
