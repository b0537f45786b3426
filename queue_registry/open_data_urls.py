"""Addresses of the published files: the same in every language, and never changed."""

from django.urls import path

import queue_registry.converters  # noqa: F401 - makes the parts of addresses known
from queue_registry.views import open_data

app_name = "open_data"
urlpatterns = [
    path("lists/<kato:kato>.<file_format:form>", open_data.lists, name="lists"),
    path("lists/<kato:kato>/<int:year>.<file_format:form>", open_data.lists_of_year, name="lists_of_year"),
    path("housed/all.<file_format:form>", open_data.housed, name="housed_of_all"),
    path("housed/<kato:kato>.<file_format:form>", open_data.housed, name="housed"),
    path("counts/all.<file_format:form>", open_data.counts, name="counts"),
]
