from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models

from queue_registry.models.waiting_list import WaitingList

MONTHS: Final = 12


class ListYearCount(models.Model):
    """
    How many active entries of a list were registered in a year and in each of its months, by UTC.

    A cache of the order kept by a trigger of the entries, never the truth: `check_register` compares it with
    a recount. Year and months stand in one row, so that a move changes one row and not two.
    """

    waiting_list = models.ForeignKey(WaitingList, on_delete=models.PROTECT, related_name="+")
    year = models.DateField(help_text="The first day of the year.")
    entries = models.IntegerField()
    months = ArrayField(models.IntegerField(), size=MONTHS, help_text="January to December.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("waiting_list", "year"), name="one_count_per_list_and_year"),
            models.CheckConstraint(condition=models.Q(entries__gte=0), name="list_year_count_not_negative"),
            models.CheckConstraint(
                condition=models.Func(
                    models.F("months"),
                    template=f"cardinality(%(expressions)s) = {MONTHS} AND 0 <= ALL(%(expressions)s)",
                    output_field=models.BooleanField(),
                ),
                name="list_month_counts_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.waiting_list_id} {self.year:%Y}: {self.entries}"
