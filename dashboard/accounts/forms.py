"""Forms for joining the team and for inviting to it."""

from django import forms
from django.contrib.auth.forms import UserCreationForm

from dashboard.accounts.models import User


class JoinForm(UserCreationForm):  # type: ignore[type-arg]  # generic only in the stubs
    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)


class InviteForm(forms.Form):
    note = forms.CharField(
        max_length=100,
        required=False,
        label="For whom",
        widget=forms.TextInput(attrs={"placeholder": "Robin, design", "autocomplete": "off"}),
    )
    is_admin = forms.BooleanField(required=False, label="Admin")
