"""URLs for share links."""

from django.urls import path

from dashboard.sharing import views

urlpatterns = [
    path("tasks/bulk/share", views.bulk_share, name="bulk_share"),
    path("tasks/<uuid:task_id>/share", views.share, name="task_share"),
    path("tasks/<uuid:task_id>/links", views.links, name="task_links"),
    path("links/new", views.new_links, name="new_links"),
    path("links/<uuid:link_id>/revoke", views.revoke, name="link_revoke"),
    path("shared", views.shared_with_me, name="shared_with_me"),
    path("s/<str:token>", views.shared, name="shared"),
    path("s/<str:token>/state", views.shared_state, name="shared_state"),
]
