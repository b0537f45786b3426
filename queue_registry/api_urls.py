"""Addresses of the register's API, version 1."""

from django.urls import path

from queue_registry.api import RungView

app_name = "queue_registry_api"

urlpatterns = [
    path("entries/<str:file_number>/rung/", RungView.as_view(), name="rung"),
]
