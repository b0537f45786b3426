"""Addresses of the API, version 1."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from allocation.api import RoundViewSet

app_name = "allocation_api"

_router = SimpleRouter()
_router.register("rounds", RoundViewSet, basename="round")

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("", include(_router.urls)),
]
