"""Addresses of the register's pages at the desk."""

from django.urls import path

from queue_registry.views import imports, queue

app_name = "queue_registry"
urlpatterns = [
    path("", queue.desk, name="desk"),
    path("entries/<int:entry_id>/", queue.entry, name="entry"),
    path("imports/", imports.import_list, name="imports"),
    path("waiting-file/", queue.waiting_file, name="waiting_file"),
]
