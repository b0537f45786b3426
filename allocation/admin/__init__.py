"""Django looks for an app's admin here."""

from allocation.admin import lists, sittings

__all__ = ["lists", "sittings"]
