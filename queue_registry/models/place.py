from django.db import models

from queue_registry.models.waiting_list import WaitingList


class ListYearCount(models.Model):
    """
    How many active entries of a list were registered in a year, by UTC; kept by a trigger of the entries.

    A cache of the order, never the truth: `check_register` compares it with a recount.
    """

    waiting_list = models.ForeignKey(WaitingList, on_delete=models.PROTECT, related_name="+")
    year = models.DateField(help_text="The first day of the year.")
    entries = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("waiting_list", "year"), name="one_count_per_list_and_year"),
            models.CheckConstraint(condition=models.Q(entries__gte=0), name="list_year_count_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.waiting_list_id} {self.year:%Y}: {self.entries}"


class ListMonthCount(models.Model):
    """How many active entries of a list were registered in a month, by UTC; kept by the same trigger."""

    waiting_list = models.ForeignKey(WaitingList, on_delete=models.PROTECT, related_name="+")
    month = models.DateField(help_text="The first day of the month.")
    entries = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("waiting_list", "month"), name="one_count_per_list_and_month"),
            models.CheckConstraint(condition=models.Q(entries__gte=0), name="list_month_count_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.waiting_list_id} {self.month:%Y-%m}: {self.entries}"
