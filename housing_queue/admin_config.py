"""Puts the project's own admin site in the place of Django's."""

from django.contrib.admin.apps import AdminConfig


class KezekAdminConfig(AdminConfig):
    """`admin.site` and `@admin.register` mean `housing_queue.admin_site.KezekAdminSite`."""

    default_site = "housing_queue.admin_site.KezekAdminSite"
