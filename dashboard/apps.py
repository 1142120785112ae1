"""The one app."""

from django.apps import AppConfig

from dashboard import data_dir


class Dashboard(AppConfig):
    name = "dashboard"
    label = "dashboard"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        data_dir.close_to_others()
