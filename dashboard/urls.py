"""Every address of the dashboard."""

from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("dashboard.tasks.urls")),
    path("", include("dashboard.content.urls")),
    path("", include("dashboard.sharing.urls")),
    path("", include("dashboard.people.urls")),
    path("", include("dashboard.accounts.urls")),
    path("keys/", include("dashboard.keys.urls")),
    path("", include("dashboard.health.urls")),
]
handler400 = "dashboard.accounts.problems.bad_request"
handler403 = "dashboard.accounts.problems.forbidden"
handler404 = "dashboard.accounts.problems.not_found"
handler500 = "dashboard.accounts.problems.server_error"
