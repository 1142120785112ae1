"""Messages about the gateway: English wherever they are stored or logged, translated where they are shown."""

from collections.abc import Mapping

from django.utils.translation import gettext

from dashboard.templatetags.display import renumbered


class ErrorText(str):
    """An English text that remembers its template and its values, and so can still be translated."""

    template: str
    values: Mapping[str, object]


def error_text(template: str, **values: object) -> ErrorText:
    """Fills in a template that is marked with `gettext_noop`."""
    text = ErrorText(template % values)
    text.template, text.values = template, values
    return text


def localized(text: str) -> str:
    """Translates an ErrorText, or any text that is marked with `gettext_noop`. The gateway's own words stay."""
    if not isinstance(text, ErrorText):
        return gettext(text) if text else ""
    return gettext(text.template) % {name: _localized_value(value) for name, value in text.values.items()}


def _localized_value(value: object) -> object:
    if isinstance(value, ErrorText):
        return localized(value)
    return renumbered(value) if isinstance(value, str) else value
