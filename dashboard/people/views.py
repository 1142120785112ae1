"""Admin pages: members, invitations, and all API keys."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.accounts import actions
from dashboard.accounts.forms import InviteForm
from dashboard.accounts.models import Invitation, User
from dashboard.keys import access as key_access
from dashboard.keys import key_test
from dashboard.keys import rows as key_rows
from dashboard.keys.forms import KeyForm
from dashboard.people import rows
from dashboard.people.forms import TransferForm
from dashboard.tasks import actions as task_actions
from dashboard.tasks.models import Task
from dashboard.web import shown_once
from dashboard.web.request import Request

PAGE = 100
SEARCHED_FROM = 8  # members; fewer are seen at a glance


def require_admin(user: User) -> None:
    """Raises PermissionDenied if the user isn't an admin. The page isn't secret, so this is a 403 rather than a 404."""
    if not user.is_admin:
        raise PermissionDenied


def _index(
    request: Request, form: InviteForm | None = None, key_form: KeyForm | None = None, status: int = 200
) -> HttpResponse:
    keys = key_access.keys_for(request.user).unrevoked().with_counts().select_related("owner")
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    page = Paginator(rows.members_matching(words), PAGE).get_page(request.GET.get("page"))
    context = {
        "members": rows.rows_of(page.object_list, request.user),
        "page": page,
        "words": words,
        "shows_search": bool(words) or page.paginator.count > SEARCHED_FROM,
        "invitations": Invitation.objects.unused().select_related("created_by"),
        "new_invitation": shown_once.take(request, "invitation"),
        "password_reset_link": shown_once.take(request, "password_reset_link"),
        "form": form or InviteForm(),
        "key_form": key_form or KeyForm(request.user),
        "keys": [key_rows.row(key) for key in keys.order_by("owner__username", "label")],
    }
    return render(request, "people/index.html", context, status=status)


@login_required
@require_safe
def index(request: Request) -> HttpResponse:
    require_admin(request.user)
    return _index(request)


@login_required
@require_POST
def invite(request: Request) -> HttpResponse:
    require_admin(request.user)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _index(request, form, status=422)
    _, token = actions.invite(request.user, form.cleaned_data["note"], form.cleaned_data["is_admin"])
    shown_once.keep(request, "invitation", request.build_absolute_uri(reverse("join", args=[token])))
    return redirect(f"{reverse('people')}#invite")


@sensitive_post_parameters("secret")
@login_required
@require_POST
def add_key(request: Request) -> HttpResponse:
    """Adds a key for any member. Errors are shown on the People page."""
    require_admin(request.user)
    form = KeyForm(request.user, request.POST)
    key = form.add()
    if key is None:
        return _index(request, key_form=form, status=422)
    messages.add_message(request, *key_test.run(key))
    return redirect("people")


@login_required
@require_POST
def revoke_invitation(request: Request, invitation_id: UUID) -> HttpResponse:
    require_admin(request.user)
    if actions.revoke_invitation(get_object_or_404(Invitation, pk=invitation_id)):
        messages.success(request, gettext("Invitation revoked."))
    else:
        messages.info(request, gettext("That invitation was already used, or has expired."))
    return redirect("people")


@login_required
@require_POST
def role(request: Request, user_id: int) -> HttpResponse:
    require_admin(request.user)
    user = get_object_or_404(User, pk=user_id)
    wanted = request.POST.get("role", "")
    if wanted not in {"admin", "member"}:
        messages.error(request, gettext("A role is admin or member."))
        return redirect("people")
    if wanted == "admin" and request.POST.get("confirmed") != "on":
        return render(request, "people/make_admin.html", {"member": user})
    try:
        actions.set_admin(user, wanted == "admin")
    except User.DoesNotExist:
        raise Http404("Deleted a moment ago.") from None
    except actions.LastAdmin:
        messages.error(request, _only_admin(user))
    else:
        told = gettext("%(name)s is an admin now.") if wanted == "admin" else gettext("%(name)s is a member now.")
        messages.success(request, told % {"name": user.name})
    return redirect("people")


def _only_admin(user: User) -> str:
    return gettext("%(name)s is the only admin. Make someone else an admin first.") % {"name": user.name}


@login_required
@require_POST
def active(request: Request, user_id: int) -> HttpResponse:
    require_admin(request.user)
    user = get_object_or_404(User, pk=user_id)
    wanted = request.POST.get("active", "")
    if wanted not in {"on", "off"}:
        messages.error(request, gettext("A member is active or not: send active=on or active=off."))
        return redirect("people")
    if wanted == "off" and request.POST.get("confirmed") != "on":
        return _ask_to_close(request, user)
    form = TransferForm(user, request.POST)
    if wanted == "off" and not form.is_valid():
        return _ask_to_close(request, user, form)
    try:
        actions.set_active(user, wanted == "on", finish=request.POST.get("finish") == "on")
    except User.DoesNotExist:
        raise Http404("Deleted a moment ago.") from None
    except actions.LastAdmin:
        messages.error(request, _only_admin(user))
    else:
        messages.success(request, _told(user, is_closed=wanted == "off"))
        if wanted == "off":
            _transfer(request, user, form.cleaned_data["to"])
    return redirect("people")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: Request, user_id: int) -> HttpResponse:
    """Transfers the tasks of a member whose account is deactivated."""
    require_admin(request.user)
    user = get_object_or_404(User, pk=user_id, is_active=False)
    form = TransferForm(user, request.POST if request.method == "POST" else None, is_required=True)
    if form.is_valid():
        _transfer(request, user, form.cleaned_data["to"])
        return redirect("people")
    status = 422 if form.is_bound else 200
    return render(request, "people/transfer.html", {"member": user, "form": form}, status=status)


def _transfer(request: Request, user: User, to: User | None) -> None:
    if to is None:
        return
    count = task_actions.transfer(user, to)
    left = Task.objects.owned_by(user).not_removed().count()
    told = ngettext(
        "%(tasks)s task transferred to %(name)s.",
        "%(tasks)s tasks transferred to %(name)s.",
        count,
    )
    messages.success(request, told % {"tasks": count, "name": to.name})
    if left:
        told = ngettext(
            "%(tasks)s task stayed: %(name)s already tracks the same IDs.",
            "%(tasks)s tasks stayed: %(name)s already tracks the same IDs.",
            left,
        )
        messages.info(request, told % {"tasks": left, "name": to.name})


def _ask_to_close(request: Request, user: User, form: TransferForm | None = None) -> HttpResponse:
    context = {
        "member": user,
        "form": form or TransferForm(user),
        "tasks": Task.objects.owned_by(user).not_removed().count(),
        "unfinished": Task.objects.unfinished().with_keys_of(user).count(),
        "archive": settings.ARCHIVE,
    }
    return render(request, "people/close.html", context, status=422 if form else 200)


def _told(user: User, *, is_closed: bool) -> str:
    if not is_closed:
        return gettext("%(name)s can sign in again.") % {"name": user.name}
    user.refresh_from_db()
    number = Task.objects.unfinished().with_keys_of(user).count() if user.finishing_since else 0
    if not number:
        return gettext("%(name)s's account is deactivated. Its keys are no longer used.") % {"name": user.name}
    told = ngettext(
        "%(name)s's account is deactivated. %(tasks)s task is still being finished; after that, its keys are no longer "
        "used.",
        "%(name)s's account is deactivated. %(tasks)s tasks are still being finished; after that, its keys are no "
        "longer used.",
        number,
    )
    return told % {"name": user.name, "tasks": number}


@login_required
@require_POST
def password_reset_link(request: Request, user_id: int) -> HttpResponse:
    require_admin(request.user)
    user = get_object_or_404(User, pk=user_id, is_active=True)
    if user.pk == request.user.pk:
        messages.info(request, gettext("Change your own password in the menu."))
        return redirect("people")
    token = actions.make_password_reset_link(request.user, user)
    url = request.build_absolute_uri(reverse("reset_password", args=[token]))
    shown_once.keep(request, "password_reset_link", [user.name, url])
    return redirect(f"{reverse('people')}#new-password-reset-link")


@login_required
@require_POST
def unlock(request: Request, user_id: int) -> HttpResponse:
    require_admin(request.user)
    user = get_object_or_404(User, pk=user_id)
    actions.unlock(user)
    messages.success(request, gettext("%(name)s can try to sign in again now.") % {"name": user.name})
    return redirect("people")
