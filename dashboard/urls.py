"""All URLs of the dashboard."""

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
    path("", include("dashboard.web.urls")),
]
handler400 = "dashboard.web.error_pages.bad_request"
handler403 = "dashboard.web.error_pages.forbidden"
handler404 = "dashboard.web.error_pages.not_found"
handler500 = "dashboard.web.error_pages.server_error"
