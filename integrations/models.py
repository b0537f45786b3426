"""The outbox: questions that wait for an answer, and every attempt to get one. No rules, no facts."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from integrations.contract import Lane, Outcome, Signature


class CheckState(models.TextChoices):
    """
    Where a question stands. LEASED = a worker has taken it and may lose it when the lease runs out;
    WITHDRAWN = closed unasked, because there is no consent to it any more.
    """

    DUE = "DUE"
    LEASED = "LEASED"
    ANSWERED = "ANSWERED"
    DEAD = "DEAD"
    WITHDRAWN = "WITHDRAWN"


OPEN_STATES = (CheckState.DUE, CheckState.LEASED)

# As plain text: a migration must not need this code.
_LANES = [lane.value for lane in Lane]
_OUTCOMES = [outcome.value for outcome in Outcome]
_SIGNATURES = [signature.value for signature in Signature]


class CheckRequest(models.Model):
    """
    One question about one person to one source; the row is the queue.

    `key` makes it unique: a person is asked once, however many households name them. `next_attempt_at` is
    when an open row may be taken: the next try of a DUE one, the end of the lease of a LEASED one.
    `failures` counts the attempts that went wrong in a way that may not be repeated for ever; `attempts`
    counts them all.
    """

    key = models.CharField(max_length=64)
    source = models.CharField(max_length=30)
    operation = models.CharField(max_length=40)
    contract_version = models.CharField(max_length=10)
    subject_iin = models.CharField(max_length=12)
    reference = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=40)
    bucket = models.CharField(max_length=40)
    period_start = models.DateField(null=True)
    period_until = models.DateField(null=True)
    consent_ref = models.CharField(max_length=64, blank=True)
    lane = models.CharField(max_length=12)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=150, blank=True)
    state = models.CharField(max_length=10, choices=CheckState.choices, default=CheckState.DUE)
    next_attempt_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    leased_at = models.DateTimeField(null=True)
    # Token of one taking, not of a worker: a worker that comes back after its lease does not know the new
    # one.
    leased_by = models.UUIDField(null=True)
    # Of the latest attempt, whether it was the last or not.
    outcome = models.CharField(max_length=20, blank=True)
    closed_at = models.DateTimeField(null=True)
    dead_reason = models.CharField(max_length=20, blank=True)
    # Who looks after a question that was given up.
    owner = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("key",), name="one_check_request_per_key"),
            models.CheckConstraint(
                condition=Q(state__in=CheckState.values), name="check_request_state_is_known"
            ),
            models.CheckConstraint(condition=Q(lane__in=_LANES), name="check_request_lane_is_known"),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(outcome__in=_OUTCOMES), name="check_request_outcome_is_known"
            ),
            models.CheckConstraint(
                condition=Q(leased_at__isnull=True, leased_by__isnull=True)
                | Q(leased_at__isnull=False, leased_by__isnull=False),
                name="check_request_leased_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=Q(state=CheckState.LEASED, leased_at__isnull=False)
                | (~Q(state=CheckState.LEASED) & Q(leased_at__isnull=True)),
                name="check_request_leased_exactly_when_taken",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, closed_at__isnull=True)
                | (~Q(state__in=OPEN_STATES) & Q(closed_at__isnull=False)),
                name="check_request_closed_at_exactly_when_closed",
            ),
            models.CheckConstraint(
                condition=(Q(state=CheckState.DEAD) & ~Q(dead_reason=""))
                | (~Q(state=CheckState.DEAD) & Q(dead_reason="")),
                name="check_request_dead_has_a_reason",
            ),
            models.CheckConstraint(
                condition=(Q(state=CheckState.DEAD) & ~Q(owner=""))
                | (~Q(state=CheckState.DEAD) & Q(owner="")),
                name="check_request_dead_has_an_owner",
            ),
            models.CheckConstraint(
                condition=Q(period_start__isnull=True, period_until__isnull=True)
                | Q(
                    period_start__isnull=False,
                    period_until__isnull=False,
                    period_start__lt=F("period_until"),
                ),
                name="check_request_period_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(failures__lte=F("attempts")), name="check_request_failures_are_attempts"
            ),
        )
        indexes = (
            models.Index(
                fields=("source", "lane", "next_attempt_at", "id"),
                condition=Q(state__in=OPEN_STATES),
                name="check_request_due_of_source",
            ),
            models.Index(fields=("subject_iin", "source"), name="check_request_of_person"),
            models.Index(
                fields=("source", "dead_reason", "owner"),
                condition=Q(state=CheckState.DEAD),
                name="check_request_given_up",
            ),
        )

    def __str__(self) -> str:
        return f"check {self.pk} of {self.source}: {self.state}"


class CheckAttempt(models.Model):
    """
    One asking of a question: written before the call, completed after it.

    An attempt without `answered_at` was asked and never heard of again: the process died in between.
    """

    message_id = models.UUIDField(primary_key=True)
    request = models.ForeignKey(CheckRequest, on_delete=models.PROTECT, related_name="history")
    # That of the question: what came of an hour's attempts is counted without looking at their questions.
    source = models.CharField(max_length=30)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    raw_code = models.CharField(max_length=40, blank=True)
    session_id = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=10, blank=True)
    envelope_sha256 = models.CharField(max_length=64, blank=True)
    # What came, sealed (see `sealing`); None when nothing came or it was purged.
    envelope = models.BinaryField(null=True)
    envelope_purged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome="", answered_at__isnull=True)
                | (Q(outcome__in=_OUTCOMES) & Q(answered_at__isnull=False)),
                name="check_attempt_answered_at_and_outcome_together",
            ),
            models.CheckConstraint(
                condition=Q(signature="") | Q(signature__in=_SIGNATURES),
                name="check_attempt_signature_is_known",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(answered_at__gte=F("asked_at")),
                name="check_attempt_answered_after_asked",
            ),
            models.CheckConstraint(
                condition=Q(envelope_purged_at__isnull=True) | Q(envelope__isnull=True),
                name="check_attempt_purged_has_no_envelope",
            ),
        )
        indexes = (
            models.Index(
                fields=("answered_at",),
                condition=Q(envelope__isnull=False),
                name="check_attempt_with_envelope",
            ),
            models.Index(
                fields=("source", "outcome", "answered_at"),
                include=("asked_at",),
                name="check_attempt_of_source",
            ),
        )

    def __str__(self) -> str:
        return f"attempt {self.message_id}: {self.outcome or 'no answer'}"


class AccessToken(models.Model):
    """
    One request to the consent service, for one person and one source: written before the call.

    The token is never used after `expires_at` or `revoked_at`. Its code is sealed.
    """

    message_id = models.UUIDField(primary_key=True)
    iin = models.CharField(max_length=12)
    source = models.CharField(max_length=30)
    consent_ref = models.CharField(max_length=64, blank=True)
    requested_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    raw_code = models.CharField(max_length=40, blank=True)
    code = models.BinaryField(null=True)
    public_key = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome="", answered_at__isnull=True)
                | (Q(outcome__in=_OUTCOMES) & Q(answered_at__isnull=False)),
                name="access_token_answered_at_and_outcome_together",
            ),
            models.CheckConstraint(
                condition=(Q(outcome=Outcome.FOUND.value) & Q(code__isnull=False, expires_at__isnull=False))
                | (~Q(outcome=Outcome.FOUND.value) & Q(code__isnull=True, expires_at__isnull=True)),
                name="access_token_found_has_code_and_expiry",
            ),
        )
        indexes = (
            models.Index(
                fields=("iin", "source", "expires_at"),
                condition=Q(code__isnull=False, revoked_at__isnull=True),
                name="access_token_of_person",
            ),
        )

    def __str__(self) -> str:
        return f"token {self.message_id} for {self.source}: {self.outcome or 'no answer'}"


class OutboxAct(models.Model):
    """What somebody did to many questions at once: append-only."""

    class Kind(models.TextChoices):
        """The acts there are."""

        REDRIVE = "REDRIVE"
        ASSIGN = "ASSIGN"
        PURGE = "PURGE"
        REVOKE = "REVOKE"
        ROTATE = "ROTATE"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    source = models.CharField(max_length=30, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    owner = models.CharField(max_length=150, blank=True)
    before = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["REDRIVE", "ASSIGN", "PURGE", "REVOKE", "ROTATE"]),
                name="outbox_act_kind_is_known",
            ),
            models.CheckConstraint(condition=~Q(by=""), name="outbox_act_has_somebody"),
        )
        triggers = (pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.rows} by {self.by}"
