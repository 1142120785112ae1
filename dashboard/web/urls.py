"""URLs of the translations of the scripts."""

from django.urls import path

from dashboard.web import views

urlpatterns = [
    path("translations/<str:language>.js", views.js_catalog, name="js_catalog"),
]
