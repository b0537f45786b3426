from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.fact import SourceAnswer
from queue_registry.models.protection import KEPT_FOR_EVER
from queue_registry.models.queue_entry import QueueEntry
from queue_registry.models.removal import RemovalCase


class Sweep(models.Model):
    """
    A recheck of many entries of an akimat: the quarterly inventory, or that before an allocation.

    It goes on from where it stands after any interruption: its entries are rows (`SweepEntry`).
    """

    class Purpose(models.TextChoices):
        """Why a sweep is made; it decides how old an answer may be."""

        INVENTORY = "INVENTORY"
        BEFORE_ALLOCATION = "BEFORE_ALLOCATION"

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="sweeps")
    purpose = models.CharField(max_length=20, choices=Purpose)
    # Quarter of an inventory ("2026-Q4"), or what else makes it one of its kind; one of each in an akimat.
    period = models.CharField(max_length=40)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    started_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    entries = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(purpose__in=["INVENTORY", "BEFORE_ALLOCATION"]), name="sweep_purpose_is_known"
            ),
            models.UniqueConstraint(fields=("akimat", "purpose", "period"), name="one_sweep_per_period"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("started_at")),
                name="sweep_finished_after_started",
            ),
        )
        triggers = (KEPT_FOR_EVER,)

    def __str__(self) -> str:
        return f"{self.purpose} {self.period}"


class SweepEntry(models.Model):
    """One entry of a sweep, in the order in which they are asked about: DUE, ASKED, DONE."""

    class State(models.TextChoices):
        """Where an entry of a sweep stands."""

        DUE = "DUE"
        ASKED = "ASKED"
        DONE = "DONE"

    sweep = models.ForeignKey(Sweep, on_delete=models.PROTECT, related_name="swept")
    entry = models.ForeignKey(QueueEntry, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    asked_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    # Questions that its answers called for, beyond the first (a child that the civil acts name).
    rounds = models.PositiveSmallIntegerField(default=0)
    # Whether all that was asked came, once it is done.
    complete = models.BooleanField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("sweep", "entry"), name="one_place_in_a_sweep_per_entry"),
            models.CheckConstraint(
                condition=Q(state__in=["DUE", "ASKED", "DONE"]), name="sweep_entry_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="DONE", done_at__isnull=False, complete__isnull=False)
                | (~Q(state="DONE") & Q(done_at__isnull=True, complete__isnull=True)),
                name="sweep_entry_done_at_exactly_when_done",
            ),
        )
        indexes = (
            models.Index(
                fields=("sweep", "state", "position"),
                condition=Q(state__in=["DUE", "ASKED"]),
                name="sweep_entry_open",
            ),
        )

    def __str__(self) -> str:
        return f"entry {self.entry_id} of sweep {self.sweep_id}: {self.state}"


class SweepQuestion(models.Model):
    """A question of the outbox that a sweep waits for; several sweeps may wait for the same one."""

    sweep = models.ForeignKey(Sweep, on_delete=models.PROTECT, related_name="questions")
    swept = models.ForeignKey(SweepEntry, on_delete=models.PROTECT, related_name="questions")
    # Key of the question in the outbox, which has its own retention; hence no foreign key.
    check_request_id = models.BigIntegerField()
    source = models.CharField(max_length=30)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("swept", "check_request_id"), name="one_row_per_swept_entry_and_question"
            ),
        )
        indexes = (
            models.Index(fields=("check_request_id",), name="sweep_question_of_request"),
            models.Index(fields=("sweep", "source"), name="sweep_question_of_source"),
        )

    def __str__(self) -> str:
        return f"question {self.check_request_id} of sweep {self.sweep_id}"


class RecheckFinding(models.Model):
    """
    Something adverse that a recheck saw about an entry, until a second look at the same source confirms or
    refutes it; never an act by itself.

    SECOND_LOOK = asked once more; HELD = seen twice, and something stands in the way of a proposal
    (`why_held`): a person looks; PROPOSED = became a removal case; REFUTED = the second look did not confirm
    it; CLOSED = a person settled it otherwise (succession, a double of another akimat).
    """

    class State(models.TextChoices):
        """Where a finding stands."""

        SECOND_LOOK = "SECOND_LOOK"
        HELD = "HELD"
        PROPOSED = "PROPOSED"
        REFUTED = "REFUTED"
        CLOSED = "CLOSED"

    entry = models.ForeignKey(QueueEntry, on_delete=models.PROTECT, related_name="recheck_findings")
    sweep = models.ForeignKey(Sweep, on_delete=models.PROTECT, null=True, related_name="findings")
    # Code of the verdict (DECEASED, NOT_CITIZEN, NOT_RESIDENT, OWNS_DWELLING, ...) or DOUBLE.
    code = models.CharField(max_length=40)
    source = models.CharField(max_length=30, blank=True)
    # What a finding of a double names: file number and akimat of the other entry; figures, never sentences.
    detail = models.JSONField(default=dict)
    first_answer = models.ForeignKey(SourceAnswer, on_delete=models.PROTECT, null=True, related_name="+")
    second_answer = models.ForeignKey(SourceAnswer, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=15, choices=State)
    why_held = models.CharField(max_length=30, blank=True)
    removal_case = models.ForeignKey(RemovalCase, on_delete=models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    closed_how = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["SECOND_LOOK", "HELD", "PROPOSED", "REFUTED", "CLOSED"]),
                name="recheck_finding_state_is_known",
            ),
            models.UniqueConstraint(
                fields=("entry", "code"),
                condition=Q(state__in=["SECOND_LOOK", "HELD"]),
                name="one_open_recheck_finding_per_entry_and_code",
            ),
            models.CheckConstraint(
                condition=~Q(state="HELD") | ~Q(why_held=""), name="recheck_finding_held_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(state="PROPOSED", removal_case__isnull=False)
                | (~Q(state="PROPOSED") & Q(removal_case__isnull=True)),
                name="recheck_finding_proposed_as_a_case",
            ),
            models.CheckConstraint(
                condition=~Q(state="PROPOSED") | Q(first_answer__isnull=False, second_answer__isnull=False),
                name="recheck_finding_proposed_after_two_looks",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["SECOND_LOOK", "HELD"], closed_at__isnull=True)
                | Q(state__in=["PROPOSED", "REFUTED", "CLOSED"], closed_at__isnull=False),
                name="recheck_finding_closed_at_exactly_when_closed",
            ),
        )
        triggers = (KEPT_FOR_EVER,)

    def __str__(self) -> str:
        return f"{self.code} of entry {self.entry_id}: {self.state}"


class SourceHold(models.Model):
    """
    A source whose answers ground nothing adverse, because too many of them flipped at once or a person said
    so, until a person lets it go.
    """

    source = models.CharField(max_length=30)
    held_at = models.DateTimeField()
    # Adverse flips among the answers of the window before; both 0 where a person held it.
    flips = models.PositiveIntegerField(default=0)
    answers = models.PositiveIntegerField(default=0)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    why_held = models.CharField(max_length=300, blank=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    why_released = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("source",), condition=Q(released_at__isnull=True), name="one_current_hold_per_source"
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | (Q(released_at__isnull=False, released_by__isnull=False) & ~Q(why_released="")),
                name="source_hold_released_by_somebody",
            ),
        )
        triggers = (KEPT_FOR_EVER,)

    def __str__(self) -> str:
        return f"hold of {self.source}"
