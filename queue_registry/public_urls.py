"""Addresses of the register's public pages, below the language's prefix."""

from django.urls import path

from queue_registry.views import old_number, public, seals, trail

app_name = "queue_registry_public"
urlpatterns = [
    path("", public.my_place, name="my_place"),
    path("old-number/", old_number.old_number, name="old_number"),
    path("seals/", seals.seals, name="seals"),
    path("seals/receipt/", seals.receipt, name="receipt"),
    path("trail/", trail.heads, name="trail"),
    path("trail/heads.json", trail.heads_json, name="trail_heads"),
]
