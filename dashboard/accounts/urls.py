"""URLs for signing in and out, joining, and the profile. Includes only the allauth views in use; sign-up isn't one."""

from django.contrib.auth.decorators import login_required
from django.urls import path

from dashboard.accounts import views

urlpatterns = [
    path("accounts/login/", views.SignInView.as_view(), name="account_login"),
    path("accounts/logout/", views.sign_out, name="account_logout"),
    path(
        "accounts/password/change/",
        login_required(views.PasswordChangeView.as_view()),
        name="account_change_password",
    ),
    path("language", views.set_language, name="set_language"),
    path("profile", views.profile, name="profile"),
    path("join/<str:token>", views.join, name="join"),
    path("reset/<str:token>", views.reset_password, name="reset_password"),
    path("setup/<str:token>", views.setup, name="setup"),
]
