"""The configuration of the only Django app."""

import atexit

from django.apps import AppConfig

from dashboard import data_dir


class Dashboard(AppConfig):
    name = "dashboard"
    label = "dashboard"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dashboard import database  # can't be imported before the apps are ready

        data_dir.close_to_others()
        atexit.register(database.close_pools)
