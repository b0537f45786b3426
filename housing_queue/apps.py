from django.apps import AppConfig


class HousingQueueConfig(AppConfig):
    """The layer that sees all apps: the story, the demo, the benchmarks."""

    name = "housing_queue"
