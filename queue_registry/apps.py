from django.apps import AppConfig


class QueueRegistryConfig(AppConfig):
    """The register: who applied, who waits, in what order, who did what."""

    name = "queue_registry"
