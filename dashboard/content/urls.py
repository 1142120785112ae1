"""URLs of videos and their pictures."""

from django.urls import path
from django.urls.resolvers import URLPattern

from dashboard.content import views

urlpatterns: list[URLPattern] = [
    path("tasks/<uuid:task_id>/content", views.content, name="content"),
    path("tasks/<uuid:task_id>/poster", views.picture, {"kind": "poster"}, name="poster"),
    path("tasks/<uuid:task_id>/storyboard", views.picture, {"kind": "storyboard"}, name="storyboard"),
    path("s/<str:token>/content", views.shared_content, name="shared_content"),
    path("s/<str:token>/poster", views.shared_picture, {"kind": "poster"}, name="shared_poster"),
    path("s/<str:token>/storyboard", views.shared_picture, {"kind": "storyboard"}, name="shared_storyboard"),
]
