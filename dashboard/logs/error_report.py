"""Django's page about an error, which DEBUG shows, without what was typed into secret fields.

Django hides by the view's own word, and nothing at all while DEBUG is on; here names decide, and always.
"""

from html import escape
from typing import Final

from django.http import HttpRequest, QueryDict
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from dashboard.logs import masking
from dashboard.logs.known_secrets import MASK

_SHORTEST: Final = 4  # characters of a value that is looked for in the rest of the page


class ReportFilter(SafeExceptionReporterFilter):
    """Hides values by name: of form fields, settings and request headers."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> QueryDict:
        given = super().get_post_parameters(request)
        return self._hidden(given) if isinstance(given, QueryDict) else QueryDict()

    def get_cleansed_multivaluedict(self, request: HttpRequest, multivaluedict: QueryDict) -> QueryDict:
        return self._hidden(super().get_cleansed_multivaluedict(request, multivaluedict))

    def _hidden(self, given: QueryDict) -> QueryDict:
        hidden = given.copy()
        for name in self.secret_names(given):
            hidden[name] = self.cleansed_substitute
        return hidden

    def secret_names(self, given: QueryDict) -> list[str]:
        """Returns the fields whose names say that they are secret."""
        return [name for name in given if self.hidden_settings.search(name)]


class Report(ExceptionReporter):
    """Masks the whole page, because local variables hold what the form held."""

    def get_traceback_html(self) -> SafeString:
        return self._masked(super().get_traceback_html())

    def get_traceback_text(self) -> SafeString:
        return self._masked(super().get_traceback_text())

    def _masked(self, page: SafeString) -> SafeString:
        text = str(page)
        for value in sorted(self._given(), key=len, reverse=True):
            for form in (value, repr(value)[1:-1], escape(value), escape(repr(value)[1:-1])):
                text = text.replace(form, MASK)
        # Django's page with less in it: what it had escaped still is.
        return mark_safe(masking.mask(text))  # noqa: S308

    def _given(self) -> set[str]:
        """Returns the values of hidden fields, and the token in the URL."""
        if self.request is None:
            return set()
        posted = self.request.POST
        values = {value for name in ReportFilter().secret_names(posted) for value in posted.getlist(name)}
        if self.request.resolver_match:
            values |= {str(value) for name, value in self.request.resolver_match.kwargs.items() if name == "token"}
        return {form for value in values for form in (value, value.strip()) if len(form) >= _SHORTEST}
