"""Signing in and out, and joining. Of allauth only what this product needs: nobody signs up by themselves."""

from allauth.account import views as allauth
from django.urls import path

from dashboard.accounts import views

urlpatterns = [
    path("accounts/login/", allauth.login, name="account_login"),
    path("accounts/logout/", views.sign_out, name="account_logout"),
    path("accounts/password/change/", allauth.password_change, name="account_change_password"),
    path("join/<str:token>", views.join, name="join"),
]
