"""Signing in and out, joining the team through an invitation, and changing a password."""

from typing import Any, cast

from allauth.account import views as allauth
from django.contrib import messages
from django.contrib.auth import login
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.accounts import actions, devices, first_admin
from dashboard.accounts.forms import JoinForm, PasswordChangeForm, retry_after
from dashboard.accounts.models import Invitation, User


class SignInView(allauth.LoginView):  # type: ignore[misc]  # allauth ships no types
    def form_valid(self, form: BaseForm) -> HttpResponse:
        return _remembered(self.request, super().form_valid(form))

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        return _with_wait(super().form_invalid(form), form)


class PasswordChangeView(allauth.PasswordChangeView):  # type: ignore[misc]  # allauth ships no types
    form_class = PasswordChangeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: BaseForm) -> HttpResponse:
        # Every device is unknown with a new password; this one is the owner's.
        return _remembered(self.request, super().form_valid(form))

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        return _with_wait(super().form_invalid(form), form)


def _remembered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if isinstance(request.user, User):
        devices.remember(request, response, request.user)
    return response


def _with_wait(response: HttpResponse, form: BaseForm) -> HttpResponse:
    """Returns a 429 with the wait if the form was refused because of too many failures."""
    wait = retry_after(form)
    if wait is not None:
        response.status_code = 429
        response.headers["Retry-After"] = str(wait)
    return response


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """A page of its own for an invitation that doesn't exist, or was used, revoked, or has expired."""
    invitation = Invitation.objects.for_token(token).select_related("created_by").first()
    if invitation is None:
        return _expired_invitation(request)
    form = JoinForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _join_page(request, form, invitation)
    given = cast("dict[str, str]", form.cleaned_data)
    try:
        user = actions.join(invitation, given["username"], given["password1"])
    except actions.NameTaken:
        form.add_error("username", "This name was just taken. Choose another one.")
        return _join_page(request, form, invitation)
    if user is None:
        return _expired_invitation(request)  # used a moment ago
    login(request, user)
    messages.success(request, gettext("Welcome, %(name)s.") % {"name": user.name})
    return _remembered(request, redirect("board"))


def _expired_invitation(request: HttpRequest) -> HttpResponse:
    return render(request, "people/invitation_expired.html", status=404)


def _join_page(request: HttpRequest, form: JoinForm, invitation: Invitation) -> HttpResponse:
    context = {"form": form, "inviter": invitation.created_by.name, "invitation": invitation}
    return render(request, "people/join.html", context, status=422 if request.method == "POST" else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """Creates the first admin."""
    if not first_admin.is_valid(token):
        return _expired_setup(request)
    form = JoinForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _setup_page(request, form)
    given = cast("dict[str, str]", form.cleaned_data)
    try:
        user = first_admin.create(token, given["username"], given["password1"])
    except actions.NameTaken:
        form.add_error("username", "This name was just taken. Choose another one.")
        return _setup_page(request, form)
    if user is None:
        return _expired_setup(request)
    login(request, user)
    messages.success(request, gettext("Welcome, %(name)s.") % {"name": user.name})
    return _remembered(request, redirect("keys"))


def _setup_page(request: HttpRequest, form: JoinForm) -> HttpResponse:
    return render(request, "account/setup.html", {"form": form}, status=422 if request.method == "POST" else 200)


def _expired_setup(request: HttpRequest) -> HttpResponse:
    return render(request, "account/setup_expired.html", status=404)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session and clears the browser's data of this site, because others may use the browser next."""
    response = cast(HttpResponse, allauth.logout(request))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
