from django.db import models

from queue_registry.models.waiting_list import WaitingList


class ExpectedWaiting(models.Model):
    """
    What is foreseen of a list from its own events, renewed once a day: a cache of them, never a decision.

    `outlook` is JSON of `rules/waiting.py`; null where the list gave no home lately or its past is too short.
    """

    waiting_list = models.OneToOneField(
        WaitingList, on_delete=models.PROTECT, related_name="expected_waiting"
    )
    on = models.DateField(help_text="The day before which all whole months are in it.")
    outlook = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.waiting_list_id} on {self.on}"
