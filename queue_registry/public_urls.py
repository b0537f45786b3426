"""Addresses of the register's public pages, below the language's prefix."""

from django.urls import path

from queue_registry.views import public

app_name = "queue_registry_public"
urlpatterns = [
    path("", public.my_place, name="my_place"),
]
