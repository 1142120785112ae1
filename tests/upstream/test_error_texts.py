"""Messages about the gateway are English until they are shown."""

import pytest

from dashboard.upstream.error_texts import ErrorText, error_text, localized
from dashboard.upstream.errors import MESSAGE_LIMIT, UpstreamError

TEMPLATE = "The gateway responded with %(status)s."


def test_an_error_keeps_the_template_of_its_message() -> None:
    message = UpstreamError(error_text(TEMPLATE, status=503)).message
    assert isinstance(message, ErrorText)
    assert (message, message.template, message.values) == ("The gateway responded with 503.", TEMPLATE, {"status": 503})


def test_a_long_message_is_cut() -> None:
    assert len(UpstreamError(error_text("%(words)s", words="x" * 2 * MESSAGE_LIMIT)).message) == MESSAGE_LIMIT


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("100% of your quota is used", "100% of your quota is used"),
        (error_text(TEMPLATE, status=503), "The gateway responded with 503."),
        (
            error_text("%(words)s Twice.", words=error_text(TEMPLATE, status="5%")),
            "The gateway responded with 5%. Twice.",
        ),
    ],
)
def test_it_can_be_shown(text: str, shown: str) -> None:
    assert localized(text) == shown
