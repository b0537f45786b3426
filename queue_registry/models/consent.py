from datetime import datetime

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from queue_registry.models.application import Application
from queue_registry.models.household import Person
from queue_registry.models.imports import ImportBatch
from queue_registry.models.protection import APPEND_ONLY, KEPT_FOR_EVER
from queue_registry.models.queue_entry import QueueEntry


class ConsentChannel(models.TextChoices):
    """How somebody consents, or takes the consent back."""

    EDS = "EDS"
    SMS_1414 = "SMS_1414"
    PAPER = "PAPER"
    # On the household's own page, by a code from its telephone.
    PAGE = "PAGE"


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Questions about consents."""

    def standing(self, at: datetime) -> "ConsentQuerySet":
        """
        Consents given, and at the moment neither ended nor of a list that was undone, whether or not whoever
        gave them took them back: others may have signed the same paper.
        """
        return self.filter(
            Q(until__isnull=True) | Q(until__gt=at),
            Q(import_batch__isnull=True) | Q(import_batch__undone_at__isnull=True),
            given_at__lte=at,
        )

    def in_force(self, at: datetime) -> "ConsentQuerySet":
        """Consents that stand at the moment, and that whoever gave them did not take back."""
        taken_back = ConsentWithdrawal.objects.filter(
            person=OuterRef("person"), withdrawn_at__gte=OuterRef("given_at"), withdrawn_at__lte=at
        )
        return self.standing(at).filter(~Exists(taken_back))

    def with_withdrawals(self) -> "ConsentQuerySet":
        """Each consent with `withdrawn_at`: when its person took it back, or None."""
        taken_back = ConsentWithdrawal.objects.filter(
            person=OuterRef("person"), withdrawn_at__gte=OuterRef("given_at")
        )
        first = taken_back.order_by("withdrawn_at").values("withdrawn_at")[:1]
        return self.annotate(withdrawn_at=Subquery(first))


class Consent(models.Model):
    """
    A person's consent to ask the registers: which text, for what, how given. Never changed, never deleted.

    It holds until `until` (empty: without end) or until the person's next `ConsentWithdrawal`. One given
    `for_household` bears the signatures of all adults of the family; any other covers the person, and an
    applicant's minor children.
    """

    Channel = ConsentChannel

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, null=True, related_name="consents")
    import_batch = models.ForeignKey(
        ImportBatch, on_delete=models.PROTECT, null=True, related_name="consents"
    )
    text_version = models.CharField(max_length=20)
    scope = models.JSONField(default=list, help_text="Codes of the sources; empty: all that a rule needs.")
    for_household = models.BooleanField(default=False)
    channel = models.CharField(max_length=10, choices=ConsentChannel)
    evidence = models.CharField(max_length=300)
    given_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("given_at")), name="consent_ends_after_given"
            ),
            models.CheckConstraint(condition=~Q(evidence=""), name="consent_has_evidence"),
            models.UniqueConstraint(
                fields=("person", "import_batch"),
                condition=Q(import_batch__isnull=False),
                name="one_consent_per_person_and_import_batch",
            ),
        )
        triggers = (
            KEPT_FOR_EVER,
            pgtrigger.ReadOnly(
                name="consent_as_given",
                fields=[
                    "person",
                    "import_batch",
                    "text_version",
                    "scope",
                    "for_household",
                    "channel",
                    "evidence",
                    "given_at",
                    "until",
                    "recorded_by",
                ],
            ),
        )

    def __str__(self) -> str:
        return f"consent {self.pk} of {self.person_id}"


class ConsentWithdrawal(models.Model):
    """
    A person takes back every consent of theirs given before: no register is asked about them, nor about the
    minors for whom they signed. Adults who signed the same paper consented themselves. Nobody is removed.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consent_withdrawals")
    withdrawn_at = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=ConsentChannel)
    evidence = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(evidence=""), name="withdrawal_has_evidence"),)
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"withdrawal {self.pk} of {self.person_id}"


class ConsentContact(models.Model):
    """One attempt to reach a person whose consent is missing, and what came of it."""

    class Result(models.TextChoices):
        """What an attempt came to."""

        TOLD = "TOLD"
        NOT_REACHED = "NOT_REACHED"
        PROMISED = "PROMISED"
        DECLINED = "DECLINED"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consent_contacts")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="consent_contacts")
    channel = models.CharField(max_length=10)
    result = models.CharField(max_length=15, choices=Result)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(channel__in=["PHONE", "SMS", "EMAIL", "LETTER", "VISIT"]),
                name="consent_contact_channel_is_known",
            ),
            models.CheckConstraint(
                condition=Q(result__in=["TOLD", "NOT_REACHED", "PROMISED", "DECLINED"]),
                name="consent_contact_result_is_known",
            ),
        )
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"contact {self.pk}: {self.result}"


class MissingConsent(models.Model):
    """
    Somebody whose consent an entry's questions lack, as last worked out, and since when.

    It is a note beside the verdict: it goes with the next one that lacks nothing.
    """

    entry = models.ForeignKey(QueueEntry, on_delete=models.PROTECT, related_name="missing_consents")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("entry", "person"), name="one_missing_consent_per_entry_and_person"
            ),
        )

    def __str__(self) -> str:
        return f"consent of {self.person_id} for entry {self.entry_id}"
