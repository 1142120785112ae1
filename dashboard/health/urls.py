"""Addresses of the health checks."""

from django.urls import path

from dashboard.health import views

urlpatterns = [
    path("healthz", views.alive, name="healthz"),
    path("readyz", views.ready, name="readyz"),
    path("metrics", views.measured, name="metrics"),
]
