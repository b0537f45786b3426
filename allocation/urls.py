"""Addresses of the app."""

from django.urls import URLPattern

app_name = "allocation"
urlpatterns: list[URLPattern] = []
