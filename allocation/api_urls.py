"""Addresses of the app."""

from django.urls import URLPattern

app_name = "allocation_api"
urlpatterns: list[URLPattern] = []
