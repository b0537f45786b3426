from django.apps import AppConfig


class AllocationConfig(AppConfig):
    """Distribution: dwellings, rounds, runs, sittings, decisions, offers."""

    name = "allocation"
