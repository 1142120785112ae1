"""Forms for signing in, joining the team, inviting someone, the profile, and changing a password."""

from collections.abc import Sequence
from typing import Any, cast

from allauth.account.forms import ChangePasswordForm, LoginForm
from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm, UserCreationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from dashboard.accounts import member_time_zone, names, throttle
from dashboard.accounts.models import NAME_TAKEN, User

TOO_MANY = "too_many_failures"


def too_many_failures(retry_after: int) -> ValidationError:
    count = retry_after if retry_after < 60 else -(-retry_after // 60)
    if retry_after < 60:
        words = ngettext(
            "Too many failed attempts. Try again in %(count)s second.",
            "Too many failed attempts. Try again in %(count)s seconds.",
            count,
        )
    elif count == 1:
        words = gettext("Too many failed attempts. Try again in a minute.")
    else:
        words = ngettext(
            "Too many failed attempts. Try again in %(count)s minute.",
            "Too many failed attempts. Try again in %(count)s minutes.",
            count,
        )
    return ValidationError(words, code=TOO_MANY, params={"retry_after": retry_after, "count": count})


def retry_after(form: forms.BaseForm) -> int | None:
    """Returns the number of seconds to wait if the form was rejected after too many failures, else None."""
    for errors in form.errors.as_data().values():
        for error in errors:
            if error.code == TOO_MANY and error.params:
                return int(error.params["retry_after"])
    return None


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = gettext("Username")
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)  # it repeats the label


class PasswordChangeForm(ChangePasswordForm):  # type: ignore[misc]  # allauth ships no types
    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_oldpassword(self) -> str:
        """Throttles attempts like sign-ins. Otherwise, someone with an open session could guess the password."""
        try:
            attempt = throttle.begin_in_session(self._request, self.user)
        except throttle.Throttled as throttled:
            raise too_many_failures(throttled.retry_after) from throttled
        try:
            password = str(super().clean_oldpassword())
        except ValidationError:
            attempt.failed()
            raise
        attempt.succeeded()
        return password


class JoinForm(UserCreationForm):  # type: ignore[type-arg]  # generic only in the stubs
    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)
        labels = {"username": _("Username")}


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # generic only in the stubs
    """Asks for a new password and its confirmation."""


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """A member's display name, email address, language, time zone and theme."""

    full_name = forms.CharField(
        max_length=60,
        required=False,
        label=_("Name"),
        help_text=_("How others see you. Leave it blank to use your username."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )

    language = forms.ChoiceField(required=False, label=_("Language"))
    time_zone = forms.TypedChoiceField(
        required=False,
        empty_value=None,
        label=_("Time zone"),
        help_text=_("For times on pages without JavaScript. With it, times are in your browser's time zone."),
    )

    class Meta:
        model = User
        fields = ("email", "language", "time_zone", "theme")
        labels = {"email": _("Email"), "theme": _("Theme")}

    field_order = ("full_name", "email", "language", "time_zone", "theme")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["full_name"] = self.instance.get_full_name()
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        self._offer("language", settings.LANGUAGES if len(settings.LANGUAGES) > 1 else [])
        self._offer("time_zone", [(name, name.replace("_", " ")) for name in member_time_zone.names()])

    def _offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        if choices:
            cast(forms.ChoiceField, self.fields[name]).choices = [("", gettext("Browser default")), *choices]
        else:
            del self.fields[name]

    def clean_full_name(self) -> str:
        name = " ".join(self.cleaned_data["full_name"].split())
        if name:
            names.validate_full(name)
            self._refuse_likeness(names.folded_full(name))
        return name

    def _refuse_likeness(self, folded: str) -> None:
        others = User.objects.exclude(pk=self.instance.pk)
        for username, *full_name in others.values_list("username", "first_name", "last_name"):
            if folded in {names.folded(username), names.folded_full(" ".join(full_name))}:
                raise ValidationError(NAME_TAKEN)

    def save(self, commit: bool = True) -> User:
        self.instance.first_name, self.instance.last_name = self.cleaned_data["full_name"], ""
        user: User = super().save(commit)
        return user


class InviteForm(forms.Form):
    note = forms.CharField(
        max_length=100,
        required=False,
        label=_("Name"),
        widget=forms.TextInput(attrs={"placeholder": _("Robin, design"), "autocomplete": "off"}),
    )
    is_admin = forms.BooleanField(required=False, label=_("Admin"))
