from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from queue_registry.models.household import Person


class SourceAnswer(models.Model):
    """
    What one source last said of one person, with its receipt.

    `outcome` is FOUND or NOT_FOUND_CONFIRMED (only these make or unmake facts), IDENTITY_MISMATCH or
    NO_CONSENT. A newer answer supersedes the older one; nothing is overwritten.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="answers")
    source = models.CharField(max_length=30)
    outcome = models.CharField(max_length=30)
    source_as_of = models.DateTimeField(null=True)
    answered_at = models.DateTimeField()
    # After this moment the answer stays visible and can ground nothing adverse.
    fresh_until = models.DateTimeField(null=True)
    envelope_sha256 = models.CharField(max_length=64, blank=True)
    # Key of the question in the outbox, which has its own retention; hence no foreign key.
    check_request_id = models.BigIntegerField(null=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "source"),
                condition=Q(superseded_at__isnull=True),
                name="one_current_answer_per_person_and_source",
            ),
        )
        # Answers come in the order of their moments: what came in an hour is found by a few pages.
        indexes = (BrinIndex(fields=("answered_at",), name="answers_by_moment", autosummarize=True),)

    def __str__(self) -> str:
        return f"{self.source}: {self.outcome}"


class Fact(models.Model):
    """
    One thing a source said of a person, valid from–until (exclusive, empty = open). Kinds:
    integrations.contract.
    """

    answer = models.ForeignKey(SourceAnswer, on_delete=models.PROTECT, related_name="facts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="facts")
    kind = models.CharField(max_length=20)
    value = models.JSONField()
    # Kinship only: the other person, so that a household is found from any of its members.
    relative = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="kinship_of")
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)

    class Meta:
        indexes = (models.Index(fields=("person", "kind"), name="fact_of_person"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"
