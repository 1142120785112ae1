"""URLs of the tasks."""

from django.urls import path

from dashboard.tasks import bulk_views, create_views, filter_views, removed_views, views

urlpatterns = [
    path("", views.board, name="board"),
    path("view", views.board_view, name="board_view"),
    path("filters", filter_views.save, name="filter_save"),
    path("filters/<uuid:filter_id>/delete", filter_views.delete, name="filter_delete"),
    path("tasks/track", create_views.track, name="track"),
    path("tasks/create", create_views.create, name="create"),
    path("tasks/create/models", create_views.models, name="create_models"),
    path("tasks/create/presets", create_views.presets, name="create_presets"),
    path("tasks/bulk/tag", bulk_views.tag, name="bulk_tag"),
    path("tasks/bulk/untag", bulk_views.untag, name="bulk_untag"),
    path("tasks/bulk/undo", bulk_views.undo, name="bulk_undo"),
    path("tasks/bulk/delete", bulk_views.delete, name="bulk_delete"),
    path("removed", removed_views.removed, name="removed"),
    path("removed/restore", removed_views.restore, name="removed_restore"),
    path("removed/delete", removed_views.delete, name="removed_delete"),
    path("tasks/<uuid:task_id>", views.task, name="task"),
    path("tasks/<uuid:task_id>/state", views.state, name="task_state"),
    path("tasks/<uuid:task_id>/player", views.player, name="task_player"),
    path("tasks/<uuid:task_id>/theater", views.theater, name="task_theater"),
    path("tasks/<uuid:task_id>/refresh", views.refresh, name="task_refresh"),
    path("tasks/<uuid:task_id>/label", views.label, name="task_label"),
    path("tasks/<uuid:task_id>/tags", views.tags, name="task_tags"),
    path("tasks/<uuid:task_id>/delete", views.delete, name="task_delete"),
    path("tasks/<uuid:task_id>/adopt", create_views.attach_upstream_id, name="task_adopt"),
]
