"""Addresses of the register's API, version 1."""

from django.urls import path

import queue_registry.converters  # noqa: F401 - makes the parts of addresses known
from queue_registry.api.applications import ApplicationStateView, ApplicationsView
from queue_registry.api.figures import ListsView, OpenDataView, StatisticsView
from queue_registry.api.health import HealthView
from queue_registry.api.place import PlaceView
from queue_registry.api.rung import RungView

app_name = "queue_registry_api"

urlpatterns = [
    path("applications/", ApplicationsView.as_view(), name="applications"),
    path("applications/<idempotency_key:key>/", ApplicationStateView.as_view(), name="application"),
    path("entries/<str:file_number>/rung/", RungView.as_view(), name="rung"),
    path("lists/", ListsView.as_view(), name="lists"),
    path("statistics/", StatisticsView.as_view(), name="statistics"),
    path("open-data/", OpenDataView.as_view(), name="open_data"),
    path("health/", HealthView.as_view(), name="health"),
    path("place/", PlaceView.as_view(), name="place"),
]
