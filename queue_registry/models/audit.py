from django.conf import settings
from django.db import models
from django.db.models import Func
from django.db.models.functions import Cast

from queue_registry.models.protection import APPEND_ONLY


class TrailHead(models.Model):
    """Newest link of an akimat's chain; its row lock keeps concurrent writers on one chain. Locked last."""

    akimat_kato = models.CharField(max_length=9, primary_key=True)
    seq = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    # One statement moves the head and tells what the new link follows.
    previous_sha256 = models.CharField(max_length=64, blank=True, db_default="")
    # From this moment on another keeper goes on with the chain: here no act is recorded, and so none is done.
    closed_from = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.akimat_kato}#{self.seq}"


class AuditEvent(models.Model):
    """
    One act, written in its transaction, chained to the one before by SHA-256; append-only.

    No foreign keys: the record outlives what it describes. `sha256` is over the canonical JSON of all
    other columns but the key and `written_by`, `previous_sha256` among them.
    """

    akimat_kato = models.CharField(max_length=9)
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=160, help_text="User name, or the name of the task.")
    event = models.CharField(max_length=60)
    target = models.CharField(max_length=80, help_text="Kind and key of what was changed.")
    data = models.JSONField(default=dict)
    previous_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    # By it the database knows that an event and its record come from the same transaction.
    written_by = models.BigIntegerField(
        null=True,
        editable=False,
        db_default=Cast(
            Cast(Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()
        ),
        help_text="The number of the transaction; not part of the chain.",
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("akimat_kato", "seq"), name="one_audit_event_per_seq"),
        )
        indexes = (models.Index(fields=("akimat_kato", "target"), name="audit_event_of_target"),)
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"{self.akimat_kato}#{self.seq} {self.event}"


class TrailSeal(models.Model):
    """The head of an akimat's chain at the end of a day, as it was published; append-only."""

    akimat_kato = models.CharField(max_length=9)
    on = models.DateField()
    seq = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("akimat_kato", "on"), name="one_trail_seal_per_akimat_and_day"),
        )
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"{self.akimat_kato} on {self.on}: #{self.seq}"


class PersonalDataView(models.Model):
    """Somebody of staff looked at a person's file; append-only."""

    akimat_kato = models.CharField(max_length=9)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    target = models.CharField(max_length=80)

    class Meta:
        indexes = (models.Index(fields=("akimat_kato", "at"), name="personal_data_view_by_time"),)
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"{self.target} at {self.at}"
