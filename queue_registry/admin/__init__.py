"""Django looks for an app's admin here."""

from queue_registry.admin import lists

__all__ = ["lists"]
