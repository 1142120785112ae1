"""URLs of videos."""

from django.urls import path
from django.urls.resolvers import URLPattern

from dashboard.content import views

urlpatterns: list[URLPattern] = [
    path("tasks/<uuid:task_id>/content", views.content, name="content"),
    path("s/<str:token>/content", views.shared_content, name="shared_content"),
]
