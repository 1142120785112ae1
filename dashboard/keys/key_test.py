"""Tests a key at the gateway and turns the result into a message."""

from django.contrib import messages
from django.utils.translation import gettext

from dashboard.keys import actions
from dashboard.keys.models import ApiKey
from dashboard.upstream.error_texts import localized


def run(key: ApiKey) -> tuple[int, str]:
    """Tests the key. Returns the level and text for `messages.add_message`."""
    problem = actions.test(key)
    if not problem:
        return messages.SUCCESS, gettext("%(key)s works.") % {"key": key.label}
    # Translators: the name of an API key, and what is wrong with it in a sentence.
    return messages.WARNING, gettext("%(key)s: %(problem)s") % {"key": key.label, "problem": localized(problem)}
