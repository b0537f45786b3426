"""Addresses of the app."""

from django.urls import URLPattern

app_name = "queue_registry"
urlpatterns: list[URLPattern] = []
