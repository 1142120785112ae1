"""Forms of the admin pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.accounts.models import User


class MemberChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic only in the stubs
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.username})" if obj.name != obj.username else str(obj.username)


class TransferForm(forms.Form):
    """Who takes over the tasks of a member who leaves."""

    to = MemberChoice(
        User.objects.none(),
        required=False,
        label=_("Transfer tasks to"),
        empty_label=_("Don't transfer"),
        error_messages={
            "invalid_choice": _("Select an active member."),
            "required": _("Select the member who takes over."),
        },
    )

    def __init__(self, user: User, data: Any = None, *, is_required: bool = False) -> None:
        super().__init__(data)
        field = self.fields["to"]
        assert isinstance(field, MemberChoice)
        field.queryset = User.objects.filter(is_active=True).exclude(pk=user.pk).order_by("username")
        field.required = is_required
        if is_required:
            field.empty_label = None
