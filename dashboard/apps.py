"""The configuration of the only Django app."""

import atexit

from django.apps import AppConfig

from dashboard import data_dir


class Dashboard(AppConfig):
    name = "dashboard"
    label = "dashboard"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # These can't be imported before the apps are ready. Those of accounts connect their receivers.
        from dashboard import database
        from dashboard.accounts import member_language, member_time_zone, sessions  # noqa: F401

        data_dir.close_to_others()
        atexit.register(database.close_pools)
