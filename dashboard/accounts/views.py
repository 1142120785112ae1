"""Views for signing in and out, joining the team through an invitation, the profile, and changing a password."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from allauth.account import views as allauth
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.accounts import actions, devices, first_admin, member_language, member_time_zone
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
        # A new password makes every device unknown. This device belongs to the member, so remember it again.
        return _remembered(self.request, super().form_valid(form))

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        return _with_wait(super().form_invalid(form), form)


def _remembered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if isinstance(request.user, User):
        devices.remember(request, response, request.user)
    return response


def _with_wait(response: HttpResponse, form: BaseForm) -> HttpResponse:
    """Turns the response into a 429 with Retry-After if the form was rejected after too many failures."""
    wait = retry_after(form)
    if wait is not None:
        response.status_code = 429
        response.headers["Retry-After"] = str(wait)
    return response


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Joins the team. Shows a separate page if the invitation doesn't exist, or is used, revoked or expired."""
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
    """Creates the account and signs it in. `pages` are the templates for the form and for an expired link."""
    form = JoinForm(request.POST or None)
    if form.is_valid():
        given = cast("dict[str, str]", form.cleaned_data)
        try:
            user = create(given["username"], given["password1"])
        except actions.NameTaken:
            form.add_error("username", gettext("This name was just taken. Choose another one."))
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
    """Sets a new password through a link from an admin. Doesn't sign the member in; they use the sign-in form."""
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
    # A separate instance, so that invalid form data doesn't change the name that the page shows for request.user.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=cast(User, request.user).pk))
    if form.is_valid():
        member = form.save()
        member_language.set_session_language(request, member.language)
        member_time_zone.set_session_time_zone(request, member.time_zone)
        with translation.override(member.language or translation.get_language()):
            messages.success(request, gettext("Profile saved."))
        response = redirect("profile")
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")  # the profile decides from now on
        return response
    status = 422 if request.method == "POST" else 200
    return render(request, "account/profile.html", {"form": form}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session and clears the site's data in the browser, because someone else may use the browser next."""
    response = cast(HttpResponse, allauth.logout(request))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Changes the language of this browser and, if signed in, of the member. Ignores an unknown language."""
    target = request.headers.get("Referer", "")  # not a field of the form: no page repeats its own URL
    is_safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    response = redirect(target if is_safe else reverse("board"))
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        return response
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=language)
        member_language.set_session_language(request, language)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=member_language.COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response
