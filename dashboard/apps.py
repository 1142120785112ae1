"""The one app."""

from django.apps import AppConfig


class Dashboard(AppConfig):
    name = "dashboard"
    label = "dashboard"
    default_auto_field = "django.db.models.BigAutoField"
