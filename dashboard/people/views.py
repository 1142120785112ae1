"""For admins: the members, their invitations, and everybody's keys."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from dashboard.accounts import actions
from dashboard.accounts.forms import InviteForm
from dashboard.accounts.models import Invitation, User
from dashboard.http import Request
from dashboard.keys import access as key_access
from dashboard.keys import rows as key_rows
from dashboard.keys.forms import KeyForm
from dashboard.people import rows


def admin_only(user: User) -> None:
    """Raises PermissionDenied. That the page exists is no secret, so this is a 403 and not a 404."""
    if not user.is_admin:
        raise PermissionDenied


def _index(request: Request, form: InviteForm, new_invitation: str = "", status: int = 200) -> HttpResponse:
    keys = key_access.keys_for(request.user).usable().with_counts().select_related("owner")
    context = {
        "members": rows.members(request.user),
        "invitations": Invitation.objects.open().select_related("created_by"),
        "new_invitation": new_invitation,
        "form": form,
        "key_form": KeyForm(request.user),
        "keys": [key_rows.row(key) for key in keys.order_by("owner__username", "label")],
    }
    return render(request, "people/index.html", context, status=status)


@login_required
@require_safe
def index(request: Request) -> HttpResponse:
    admin_only(request.user)
    return _index(request, InviteForm())


@login_required
@require_POST
def invite(request: Request) -> HttpResponse:
    admin_only(request.user)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _index(request, form, status=422)
    _, token = actions.invite(request.user, form.cleaned_data["note"], form.cleaned_data["is_admin"])
    return _index(request, InviteForm(), new_invitation=request.build_absolute_uri(reverse("join", args=[token])))


@login_required
@require_POST
def revoke_invitation(request: Request, invitation_id: UUID) -> HttpResponse:
    admin_only(request.user)
    actions.revoke_invitation(get_object_or_404(Invitation, pk=invitation_id))
    messages.success(request, "The invitation is revoked.")
    return redirect("people")


@login_required
@require_POST
def role(request: Request, user_id: int) -> HttpResponse:
    admin_only(request.user)
    user = get_object_or_404(User, pk=user_id)
    wanted = request.POST.get("role", "")
    if wanted not in {"admin", "member"}:
        messages.error(request, "A role is admin or member.")
        return redirect("people")
    try:
        actions.set_admin(user, wanted == "admin")
    except actions.LastAdmin:
        messages.error(request, f"{user.name} is the only admin. Make somebody else an admin first.")
    else:
        messages.success(request, f"{user.name} is {'an admin' if wanted == 'admin' else 'a member'} now.")
    return redirect("people")


@login_required
@require_POST
def active(request: Request, user_id: int) -> HttpResponse:
    admin_only(request.user)
    user = get_object_or_404(User, pk=user_id)
    wanted = request.POST.get("active", "")
    if wanted not in {"on", "off"}:
        messages.error(request, "A member is active or not: send active=on or active=off.")
        return redirect("people")
    try:
        actions.set_active(user, wanted == "on")
    except actions.LastAdmin:
        messages.error(request, f"{user.name} is the only admin. Make somebody else an admin first.")
    else:
        messages.success(request, f"{user.name} {'may sign in again' if wanted == 'on' else 'is signed out for good'}.")
    return redirect("people")
