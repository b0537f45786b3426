import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.application import Application
from queue_registry.models.protection import KEPT_FOR_EVER


class ImportDecision(models.Model):
    """
    What a person decided on one code of one applicant of the old lists, with its document; never changed.

    The ledger takes it as the answer as long as the rows that take part are among `rows` (source and digest
    of each): a new row that joins opens the question again. `value` by code: rules/legacy/decisions. One
    about a date counts only with a second person.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="import_decisions")
    code = models.CharField(max_length=30)
    rows = models.JSONField()
    value = models.JSONField()
    reason = models.CharField(max_length=500)
    document = models.CharField(max_length=300)
    # Key of an ApplicationDocument (a scan), where there is one.
    scan = models.ForeignKey(
        "queue_registry.ApplicationDocument", on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    needs_second = models.BooleanField(default=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    approved_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    superseded_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="import_decision_approved_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("decided_by")),
                name="import_decision_approved_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(document=""), name="import_decision_has_reason_and_document"
            ),
            models.UniqueConstraint(
                fields=("application", "code"),
                condition=Q(dropped_at__isnull=True, superseded_by__isnull=True),
                name="one_current_import_decision_per_case",
            ),
        )
        triggers = (
            KEPT_FOR_EVER,
            pgtrigger.ReadOnly(
                name="import_decision_as_made",
                fields=[
                    "application",
                    "code",
                    "rows",
                    "value",
                    "reason",
                    "document",
                    "scan",
                    "decided_by",
                    "decided_at",
                    "needs_second",
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} of application {self.application_id}"


class ImportCaseAssignment(models.Model):
    """Who looks after an open question of the old lists, from a moment until the next assignment."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="import_assignments")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("application",),
                condition=Q(ended_at__isnull=True),
                name="one_current_assignment_per_application",
            ),
        )
        triggers = (KEPT_FOR_EVER,)

    def __str__(self) -> str:
        return f"application {self.application_id} to {self.to_id}"
