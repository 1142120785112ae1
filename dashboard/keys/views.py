"""The API keys page: add, test, replace and revoke keys."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from dashboard.keys import access, actions, key_test, rows
from dashboard.keys.forms import KeyForm, SecretForm
from dashboard.keys.models import ApiKey
from dashboard.web.request import Request


@login_required
@require_safe
def index(request: Request) -> HttpResponse:
    return _index(request, KeyForm(request.user))


def _index(request: Request, form: KeyForm, status: int = 200) -> HttpResponse:
    keys = access.keys_for(request.user).filter(owner=request.user).with_counts().select_related("owner")
    context = {"keys": [rows.row(key) for key in keys], "form": form}
    return render(request, "keys/index.html", context, status=status)


@sensitive_post_parameters("secret")
@login_required
@require_POST
def add(request: Request) -> HttpResponse:
    form = KeyForm(request.user, request.POST)
    key = form.add()
    if key is None:
        return _index(request, form, status=422)
    messages.add_message(request, *key_test.run(key))
    return redirect("keys" if key.owner_id == request.user.pk else "people")


@login_required
@require_POST
def test(request: Request, key_id: UUID) -> HttpResponse:
    key = access.live_key_for(request.user, key_id)
    messages.add_message(request, *key_test.run(key))
    return _updated_key(request, key_id)


@sensitive_post_parameters("secret")
@login_required
@require_POST
def replace(request: Request, key_id: UUID) -> HttpResponse:
    key = access.live_key_for(request.user, key_id)
    form = _replace_form(key_id, request.POST if "secret" in request.POST else None)
    if not form.is_valid():
        return _confirm_page(request, key, "replace", form)
    if not actions.replace(key, form.api_secret):
        raise Http404("It was revoked or deleted a moment ago.")
    messages.add_message(request, *key_test.run(key))
    return _updated_key(request, key_id)


@login_required
@require_POST
def revoke(request: Request, key_id: UUID) -> HttpResponse:
    key = access.live_key_for(request.user, key_id)
    if request.POST.get("confirmed") != "on":
        return _confirm_page(request, key, "revoke", _replace_form(key_id))
    actions.revoke(key)
    told = gettext("%(key)s was revoked and deleted from %(site)s.")
    messages.success(request, told % {"key": key.label, "site": settings.SITE_NAME})
    return _updated_key(request, key_id)


def _replace_form(key_id: UUID, data: object = None) -> SecretForm:
    """Returns the form with field IDs that are unique on a page with several keys and the form for a new one."""
    form = SecretForm(data, auto_id=f"replace-{key_id}-%s")  # type: ignore[arg-type]  # a QueryDict or nothing
    form.fields["secret"].widget.attrs["data-swap-focus"] = True
    return form


def _confirm_page(request: Request, key: ApiKey, asking: str, form: SecretForm) -> HttpResponse:
    template = "keys/_key.html" if request.htmx else "keys/confirm.html"
    context = {"key": rows.row(key), "asking": asking, "replace_form": form}
    return render(request, template, context, status=422 if form.is_bound else 200)


def _updated_key(request: Request, key_id: UUID) -> HttpResponse:
    key = access.key_for(request.user, key_id)
    if request.htmx:
        context = {"key": rows.row(key), "asking": "", "replace_form": _replace_form(key_id), "with_messages": True}
        return render(request, "keys/_key.html", context)
    return redirect("keys" if key.owner_id == request.user.pk else "people")
