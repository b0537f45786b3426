"""App config."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """The outside world: state systems behind one contract."""

    name = "integrations"
    default_auto_field = "django.db.models.BigAutoField"
