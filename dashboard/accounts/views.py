"""Joining the team through an invitation, and signing out."""

from typing import cast

from allauth.account import views as allauth
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.accounts import actions
from dashboard.accounts.forms import JoinForm
from dashboard.accounts.models import Invitation

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Raises Http404 for an invitation that never was, was used, was revoked or has expired."""
    invitation = Invitation.objects.for_token(token).select_related("created_by").first()
    if invitation is None:
        raise Http404("No such invitation.")
    form = JoinForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _join_page(request, form, invitation)
    given = cast("dict[str, str]", form.cleaned_data)
    try:
        user = actions.join(invitation, given["username"], given["password1"])
    except actions.NameTaken:
        form.add_error("username", "Somebody took this name a moment ago. Choose another one.")
        return _join_page(request, form, invitation)
    if user is None:
        raise Http404("Used a moment ago.")
    login(request, user, backend=BACKEND)
    messages.success(request, f"Welcome, {user.name}.")
    return redirect("board")


def _join_page(request: HttpRequest, form: JoinForm, invitation: Invitation) -> HttpResponse:
    context = {"form": form, "inviter": invitation.created_by.name, "invitation": invitation}
    return render(request, "people/join.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session, and has the browser forget what it kept of us: others may use it next."""
    response = cast(HttpResponse, allauth.logout(request))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
