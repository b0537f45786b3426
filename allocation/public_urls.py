"""Addresses of the app."""

from django.urls import URLPattern

app_name = "allocation_public"
urlpatterns: list[URLPattern] = []
