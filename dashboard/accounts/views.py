"""Signing in and out, joining the team through an invitation, and changing a password."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from allauth.account import views as allauth
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.accounts import actions, devices, first_admin
from dashboard.accounts.forms import JoinForm, NewPasswordForm, PasswordChangeForm, ProfileForm, retry_after
from dashboard.accounts.models import Invitation, PasswordResetLink, User


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
    pages = ("people/join.html", "people/invitation_expired.html")
    if invitation is None:
        return render(request, pages[1], status=404)
    context = {"inviter": invitation.created_by.name, "invitation": invitation}
    return _new_account(request, partial(actions.join, invitation), pages, context, "board")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """Creates the first admin."""
    pages = ("account/setup.html", "account/setup_expired.html")
    if not first_admin.is_valid(token):
        return render(request, pages[1], status=404)
    return _new_account(request, partial(first_admin.create, token), pages, {}, "keys")


def _new_account(
    request: HttpRequest,
    create: Callable[[str, str], User | None],
    pages: tuple[str, str],
    context: dict[str, object],
    destination: str,
) -> HttpResponse:
    """Creates the account and signs it in. `pages`: with the form, and for a link that has ended meanwhile."""
    form = JoinForm(request.POST or None)
    if form.is_valid():
        given = cast("dict[str, str]", form.cleaned_data)
        try:
            user = create(given["username"], given["password1"])
        except actions.NameTaken:
            form.add_error("username", "This name was just taken. Choose another one.")
        else:
            if user is None:
                return render(request, pages[1], status=404)
            login(request, user)
            messages.success(request, gettext("Welcome, %(name)s.") % {"name": user.name})
            return _remembered(request, redirect(destination))
    return render(request, pages[0], context | {"form": form}, status=422 if request.method == "POST" else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def reset_password(request: HttpRequest, token: str) -> HttpResponse:
    """A new password, by a link that an admin has made. It signs nobody in: the sign-in form asks for the password."""
    link = PasswordResetLink.objects.for_token(token).select_related("user").first()
    if link is None:
        return render(request, "account/reset_expired.html", status=404)
    form = NewPasswordForm(link.user, request.POST or None)
    if form.is_valid():
        if not actions.use_password_reset_link(link, form.cleaned_data["new_password1"]):
            return render(request, "account/reset_expired.html", status=404)
        messages.success(request, gettext("Your password was changed. Sign in with it."))
        return redirect("account_login")
    status = 422 if request.method == "POST" else 200
    return render(request, "account/reset.html", {"form": form, "member": link.user}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    # A copy: what is wrong with the form must not be what this page calls its member.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=cast(User, request.user).pk))
    if form.is_valid():
        form.save()
        messages.success(request, gettext("Profile saved."))
        return redirect("profile")
    status = 422 if request.method == "POST" else 200
    return render(request, "account/profile.html", {"form": form}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session and clears the browser's data of this site, because others may use the browser next."""
    response = cast(HttpResponse, allauth.logout(request))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
