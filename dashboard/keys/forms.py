"""Forms for API keys. They never render a submitted secret, not even after an error."""

import re
from typing import Final, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashboard.accounts.models import User
from dashboard.keys import actions, pasted_keys
from dashboard.keys.models import ApiKey
from dashboard.upstream.secret import Secret

# The characters that RFC 6750 allows after `Bearer`, plus a colon. A key can't start with a slash, as paths do.
KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~+/=:-]*")


class PublicTextField(forms.CharField):
    """A field for text that others can read, including in URLs and logs. Rejects API keys and doesn't render them."""

    def clean(self, value: object) -> str:
        text = str(super().clean(value))
        if pasted_keys.holds_key(text):
            raise forms.ValidationError(gettext(pasted_keys.HOLDS_KEY))
        return text

    def bound_data(self, data: object, initial: object) -> object:
        return pasted_keys.without_keys(data) if isinstance(data, str) else data


class SecretField(forms.CharField):
    widget = forms.PasswordInput(
        render_value=False, attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "sk-…"}
    )

    def clean(self, value: object) -> str:
        text = str(super().clean(value)).strip()
        if not KEY.fullmatch(text) or text.endswith("/"):
            raise forms.ValidationError(
                gettext(
                    "A key contains only letters, digits and . _ ~ + / = : - and starts with a letter or a digit. "
                    "Copy it again."
                )
            )
        if not 8 <= len(text) <= 512:
            raise forms.ValidationError(gettext("A key has 8 to 512 characters. Copy all of it."))
        return text


class SecretForm(forms.Form):
    """Replaces a key's secret."""

    secret = SecretField(label=_("API key"))

    @property
    def api_secret(self) -> Secret:
        return Secret(self.cleaned_data["secret"])


class KeyForm(SecretForm):
    """Adds a key. Admins can add one for another member."""

    label = PublicTextField(
        max_length=60,
        label=_("Name"),
        widget=forms.TextInput(attrs={"placeholder": _("Production"), "autocomplete": "off"}),
    )
    # Translators: the label of the field for the member that the API key is for.
    owner = forms.ModelChoiceField(User.objects.none(), required=False, label=_("For"), empty_label=None)
    field_order = ("label", "secret", "owner")

    def add(self) -> ApiKey | None:
        """Returns the new key, or None if the form has errors."""
        if not self.is_valid():
            return None
        try:
            return actions.add(self.chosen_owner, self.cleaned_data["label"], self.api_secret)
        except actions.LabelTaken:
            problem = gettext("A key with this name already exists. Choose another name, or replace that key.")
            self.add_error("label", problem)
            return None

    def __init__(self, user: User, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict or nothing
        self.user = user
        if not user.is_admin:
            del self.fields["owner"]
            return
        field = cast("forms.ModelChoiceField[User]", self.fields["owner"])
        field.queryset = User.objects.filter(is_active=True).order_by("username")
        field.initial = user.pk

    @property
    def chosen_owner(self) -> User:
        return self.cleaned_data.get("owner") or self.user
