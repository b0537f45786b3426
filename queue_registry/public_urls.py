"""Addresses of the register's public pages, below the language's prefix."""

from django.urls import path

import queue_registry.converters  # noqa: F401 - makes the parts of addresses known
from queue_registry.views import (
    certificates,
    country,
    ladder,
    my_consent,
    my_data,
    old_number,
    open_data,
    public,
    seals,
    trail,
)

app_name = "queue_registry_public"
urlpatterns = [
    path("", public.my_place, name="my_place"),
    path("country/", country.country, name="country"),
    path("country/<region_prefix:prefix>/", country.region, name="region"),
    path("country/<kato:kato>/", country.akimat, name="akimat"),
    path("open-data/", open_data.catalog, name="open_data"),
    path("my-data/", my_data.page, name="my_data"),
    path("my-data/consent/", my_consent.page, name="my_consent"),
    path("certificate/", certificates.certificate, name="certificate"),
    path("certificate/pdf/", certificates.issue, name="certificate_issue"),
    path("ladder/", ladder.ladder, name="ladder"),
    path("old-number/", old_number.old_number, name="old_number"),
    path("seals/", seals.seals, name="seals"),
    path("seals/receipt/", seals.receipt, name="receipt"),
    path("trail/", trail.heads, name="trail"),
    path("trail/heads.json", trail.heads_json, name="trail_heads"),
]
