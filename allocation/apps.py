from django.apps import AppConfig


class AllocationConfig(AppConfig):
    """Distribution: dwellings, rounds, runs, sittings, decisions, offers."""

    name = "allocation"

    def ready(self) -> None:
        """Teach the register what notices of a distribution say."""
        from allocation import notice_texts

        notice_texts.install()
