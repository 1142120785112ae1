"""A gateway that returns the key in an encoding: it appears neither on a page nor in the database or the log."""

import base64
from collections.abc import Callable
from urllib.parse import quote

import pytest

from dashboard.logs import masking
from dashboard.upstream import errors
from dashboard.upstream.secret import Secret
from tests.upstream.gateways import asking, reply

KEY = "sk-CANARY-?>?>-0123456789-wxyz"
SECRET = Secret(KEY)


def percent(text: str) -> str:
    return "".join(f"%{ord(sign):02X}" for sign in text)


def backslashed(text: str) -> str:
    """As PHP writes base64 into JSON."""
    return base64.b64encode(text.encode()).decode().replace("/", "\\/")


ENCODINGS: dict[str, Callable[[str], str]] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for urls": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 in a url": lambda text: quote(base64.b64encode(text.encode()).decode(), safe=""),
    "base64 in PHP's JSON": backslashed,
    "hex": lambda text: text.encode().hex(),
    "capital hex": lambda text: text.encode().hex().upper(),
    "percent": lambda text: quote(text, safe=""),
    "percent throughout": percent,
}
AROUND = ["{}", "Bearer {}", "a{}", "ab{}", "abc{} and more", "user:{}@host"]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_is_removed_from_text(encoding: str, around: str) -> None:
    encode = ENCODINGS[encoding]
    shown = SECRET.redact(f"you sent {encode(around.format(KEY))} and it is wrong")
    # The middle of the key, at each of the three offsets where it can start in base64.
    middles = {encode("." * lead + "CANARY-?>?>-012345")[4:-4] for lead in range(3)}
    assert not [middle for middle in middles if middle in shown]
    assert shown.startswith("you sent ")
    assert shown.endswith(" and it is wrong")


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_it_is_neither_kept_nor_shown(encoding: str, status: int) -> None:
    text = ENCODINGS[encoding](f"Bearer {KEY}").replace("\\/", "/")
    document = {
        "status": "failed",
        "error": {"message": f"no such key {text}"},
        "seen": text,
        "url": f"https://a/{text}",
    }
    async with asking(reply(status, document)) as client:
        try:
            kept = repr(await client.retrieve("t1", SECRET))
        except errors.UpstreamError as error:
            kept = f"{error!r} {error.message} {error.raw}"
    assert "no such key" in kept
    assert text[12:-8] not in kept


@pytest.mark.parametrize(
    "encoding", [name for name in ENCODINGS if name not in {"percent throughout", "base64 in PHP's JSON"}]
)
def test_it_is_not_logged(encoding: str) -> None:
    key = "Nameless/Canary+0123456789?".rstrip("?")
    masking.remember_secrets(key)
    for around in AROUND:
        text = ENCODINGS[encoding](around.format(key))
        assert text[12:-8] not in masking.mask(f"the gateway said {text}")
