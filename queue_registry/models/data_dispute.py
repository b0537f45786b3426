import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from queue_registry.models.application import Application
from queue_registry.models.fact import Fact, SourceAnswer
from queue_registry.models.household import Person
from queue_registry.models.protection import NEVER_DELETED


class DataDispute(models.Model):
    """
    A household says that something the state knows of it is wrong: a clerk looks at it by a day, and answers.

    It names the fact, or else the whole answer of a source, or else only the person: then it is about being
    of the family. What is disputed stays in force meanwhile.
    """

    class Outcome(models.TextChoices):
        CORRECTED = "CORRECTED"
        STANDS = "STANDS"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="data_disputes")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answer = models.ForeignKey(SourceAnswer, on_delete=models.PROTECT, null=True, related_name="disputes")
    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, null=True, related_name="disputes")
    claim = models.TextField(help_text="What is wrong and what would be right, in the household's own words.")
    opened_at = models.DateTimeField()
    settle_by = models.DateField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    decision = models.TextField(blank=True, help_text="What was looked at, and what it came to.")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(claim=""), name="data_dispute_has_a_claim"),
            models.CheckConstraint(
                condition=Q(fact__isnull=True) | Q(answer__isnull=False),
                name="data_dispute_names_the_answer_of_its_fact",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, outcome="", decision="")
                | (
                    Q(settled_at__isnull=False, settled_by__isnull=False, outcome__in=["CORRECTED", "STANDS"])
                    & ~Q(decision="")
                ),
                name="data_dispute_settled_at_by_outcome_and_decision_together",
            ),
            models.UniqueConstraint(
                fields=("application", "person", "answer", "fact"),
                condition=Q(settled_at__isnull=True),
                nulls_distinct=False,
                name="one_open_data_dispute_about_a_thing",
            ),
        )
        indexes = (
            models.Index(
                fields=("application", "settle_by"),
                condition=Q(settled_at__isnull=True),
                name="data_dispute_open",
            ),
        )
        triggers = (
            NEVER_DELETED,
            pgtrigger.Protect(
                name="settled_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__settled_at__isnull=False),
            ),
            pgtrigger.ReadOnly(
                name="dispute_as_opened",
                fields=["application", "person", "answer", "fact", "claim", "opened_at", "settle_by"],
            ),
        )

    def __str__(self) -> str:
        return f"dispute {self.pk} of {self.application_id}"
