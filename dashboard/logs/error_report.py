"""Django's error page for DEBUG, without values from secret form fields.

Django only hides values that a view declares sensitive, and none while DEBUG is on. This always hides values by field
name.
"""

from html import escape
from typing import Final

from django.http import HttpRequest, QueryDict
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from dashboard.logs import masking
from dashboard.logs.known_secrets import MASK

_SHORTEST: Final = 4  # characters; shorter values aren't replaced in the rest of the page


class ReportFilter(SafeExceptionReporterFilter):
    """Hides the values of form fields, settings and request headers by name."""

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
        """Returns the names of fields that look secret by their names."""
        return [name for name in given if self.hidden_settings.search(name)]


class Report(ExceptionReporter):
    """Masks the whole page, because local variables may also contain the values from the form."""

    def get_traceback_html(self) -> SafeString:
        return self._masked(super().get_traceback_html())

    def get_traceback_text(self) -> SafeString:
        return self._masked(super().get_traceback_text())

    def _masked(self, page: SafeString) -> SafeString:
        text = str(page)
        for value in sorted(self._given(), key=len, reverse=True):
            for form in (value, repr(value)[1:-1], escape(value), escape(repr(value)[1:-1])):
                text = text.replace(form, MASK)
        # Safe, because this only removes text from Django's page, which is already escaped.
        return mark_safe(masking.mask(text))  # noqa: S308

    def _given(self) -> set[str]:
        """Returns the values of secret fields, and the token in the URL."""
        if self.request is None:
            return set()
        posted = self.request.POST
        values = {value for name in ReportFilter().secret_names(posted) for value in posted.getlist(name)}
        if self.request.resolver_match:
            values |= {str(value) for name, value in self.request.resolver_match.kwargs.items() if name == "token"}
        return {form for value in values for form in (value, value.strip()) if len(form) >= _SHORTEST}
