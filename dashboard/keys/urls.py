"""URLs for API keys."""

from django.urls import path

from dashboard.keys import views

urlpatterns = [
    path("", views.index, name="keys"),
    path("add", views.add, name="key_add"),
    path("<uuid:key_id>/test", views.test, name="key_test"),
    path("<uuid:key_id>/replace", views.replace, name="key_replace"),
    path("<uuid:key_id>/revoke", views.revoke, name="key_revoke"),
]
