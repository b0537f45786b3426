from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.queue_entry import QueueEntry


class CategoryPeriod(models.Model):
    """
    A category by which an entry stands on its list, from a day until a day (exclusive, empty = still).

    `sticky`: it goes on counting after its end, as with a disabled child who turned eighteen.
    """

    entry = models.ForeignKey(QueueEntry, on_delete=models.PROTECT, related_name="categories")
    category = models.CharField(max_length=30)
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    sticky = models.BooleanField(default=False)
    document = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")),
                name="category_period_until_after_from",
            ),
            models.UniqueConstraint(
                fields=("entry", "category"),
                condition=Q(until_on__isnull=True),
                name="one_open_category_period_per_entry_and_category",
            ),
        )
        indexes = (
            # Who stands on a list by a category: those that count, and no other.
            models.Index(
                fields=("category", "entry"),
                condition=Q(until_on__isnull=True) | Q(sticky=True),
                name="category_period_counting",
            ),
        )

    def __str__(self) -> str:
        return f"{self.category} of {self.entry_id}"
