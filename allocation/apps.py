from django.apps import AppConfig


class AllocationConfig(AppConfig):
    """Distribution: dwellings, rounds, runs, sittings, decisions, offers."""

    name = "allocation"

    def ready(self) -> None:
        """Teach the register what notices of a distribution say, and register the check of signatures."""
        from allocation import notice_texts
        from allocation.signatures import checks  # noqa: F401 - registers itself

        notice_texts.install()
