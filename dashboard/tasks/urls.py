"""Addresses of the tasks."""

from django.urls import path

from dashboard.tasks import views, views_bulk, views_new

urlpatterns = [
    path("", views.board, name="board"),
    path("tasks/track", views_new.track, name="track"),
    path("tasks/create", views_new.create, name="create"),
    path("tasks/bulk/label", views_bulk.label, name="bulk_label"),
    path("tasks/bulk/delete", views_bulk.delete, name="bulk_delete"),
    path("tasks/<uuid:task_id>", views.task, name="task"),
    path("tasks/<uuid:task_id>/state", views.state, name="task_state"),
    path("tasks/<uuid:task_id>/player", views.player, name="task_player"),
    path("tasks/<uuid:task_id>/refresh", views.refresh, name="task_refresh"),
    path("tasks/<uuid:task_id>/label", views.label, name="task_label"),
    path("tasks/<uuid:task_id>/delete", views.delete, name="task_delete"),
    path("tasks/<uuid:task_id>/adopt", views_new.attach_upstream_id, name="task_adopt"),
]
