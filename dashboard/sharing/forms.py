"""The form for a new share link."""

from datetime import timedelta
from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.keys.forms import PublicTextField

DEFAULT: Final = "7d"
LIVES: Final[dict[str, timedelta | None]] = {
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
    DEFAULT: timedelta(days=7),
    "30d": timedelta(days=30),
    "never": None,
}
CHOICES: Final = (
    ("1h", _("1 hour")),
    ("1d", _("1 day")),
    (DEFAULT, _("7 days")),
    ("30d", _("30 days")),
    ("never", _("Never")),
)


class LinkForm(forms.Form):
    expires = forms.ChoiceField(choices=CHOICES, initial=DEFAULT, required=False, label=_("Expires after"))
    name = PublicTextField(
        max_length=60,
        required=False,
        label=_("Name"),
        widget=forms.TextInput(attrs={"placeholder": _("e.g. Review with Robin"), "autocomplete": "off"}),
    )

    @property
    def life(self) -> timedelta | None:
        """How long the link works, or None if it never expires."""
        return LIVES[self.cleaned_data["expires"] or DEFAULT]
