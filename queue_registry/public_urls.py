"""Addresses of the app."""

from django.urls import URLPattern

app_name = "queue_registry_public"
urlpatterns: list[URLPattern] = []
