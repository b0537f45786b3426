import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from allocation.models.dwelling import Dwelling
from queue_registry.models import Akimat, PolicyVersion
from queue_registry.models.protection import APPEND_ONLY, NEVER_DELETED


class AllocationRound(models.Model):
    """
    Dwellings distributed together; its life told by its timestamps: opened, frozen, then runs, a sitting,
    a decision.

    The freeze stores the engine's input as its exact canonical bytes (gzip with no name and no time),
    because jsonb would reorder them; `input_sha256` is over the bytes before compression. What was frozen
    never changes: a round whose candidates or dwellings changed since is cancelled, and a new one opened.
    """

    class Mode(models.TextChoices):
        """COMMISSION: it decides entry by entry. AUTOMATIC: the machine's result is the distribution."""

        COMMISSION = "COMMISSION"
        AUTOMATIC = "AUTOMATIC"

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="rounds")
    number = models.CharField(max_length=20, help_text="Public number: year and running number, R-2026-1.")
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    # What only this round knows: {"3": {"dwellings": 15, "document": "..."}} by list with a quota.
    quotas = models.JSONField(default=dict)
    rung = models.CharField(
        max_length=20, blank=True, help_text="The rung of the ladder that it serves; empty: the policy's own."
    )
    # Code of the programme whose homes or loans are distributed; empty: homes handed to no programme.
    programme = models.CharField(max_length=40, blank=True)
    # The days whose confirmed rounds share one running account; at the freeze at the latest, by default its
    # calendar year.
    period_from = models.DateField(null=True)
    period_until = models.DateField(null=True, help_text="The last day of the period.")
    # Homes of earlier rounds that stand no more and that this round's account is the first to take back:
    # [{"round": "R-2026-1", "dwelling": "D-0001", "list": "4", "on": "2026-09-05", "because": "ANNULLED"}].
    taken_back = models.JSONField(default=list)
    # Automatic only while the akimat's gate is green (queue_registry.services.gates).
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.COMMISSION)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(null=True)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    input = models.BinaryField(null=True)
    input_sha256 = models.CharField(max_length=64, blank=True)
    trail_head = models.CharField(
        max_length=64, blank=True, help_text="Head of the akimat's trail at the freeze."
    )
    # Of all rows that verdicts on the queue rest on, at the freeze; while it is the same, verdicts are.
    fingerprint = models.CharField(max_length=64, blank=True)
    # Published at the freeze, before anybody sits: {"candidates": sha256, "dwellings": …, "policy": …}.
    seal = models.JSONField(default=dict)
    # By public key of an entry: sources without an answer at the freeze and the days on which they were
    # asked, {"271010-0000001-0/4": [{"source": "egkn", "asked_on": ["2026-09-01"]}]}.
    unanswered = models.JSONField(default=dict)
    sitting_planned_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    cancelled_because = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("akimat", "number"), name="one_round_per_number"),
            models.CheckConstraint(
                condition=Q(mode__in=["COMMISSION", "AUTOMATIC"]), name="allocation_round_mode_is_known"
            ),
            models.CheckConstraint(
                condition=Q(period_from__isnull=True, period_until__isnull=True)
                | Q(
                    period_from__isnull=False, period_until__isnull=False, period_until__gte=F("period_from")
                ),
                name="allocation_round_period_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(
                    frozen_at__isnull=True, frozen_by__isnull=True, input__isnull=True, input_sha256=""
                )
                | (
                    Q(frozen_at__isnull=False, frozen_by__isnull=False, input__isnull=False)
                    & ~Q(input_sha256="")
                ),
                name="allocation_round_frozen_at_by_and_input_together",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True, cancelled_because="")
                | (Q(cancelled_at__isnull=False, cancelled_by__isnull=False) & ~Q(cancelled_because="")),
                name="allocation_round_cancelled_at_by_and_reason_together",
            ),
        )
        triggers = (
            NEVER_DELETED,
            pgtrigger.ReadOnly(name="mode_as_opened", fields=["mode"]),
            pgtrigger.Protect(
                name="frozen_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__frozen_at__isnull=False)
                & (
                    pgtrigger.Q(old__input_sha256__df=pgtrigger.F("new__input_sha256"))
                    | pgtrigger.Q(old__input__df=pgtrigger.F("new__input"))
                    | pgtrigger.Q(old__frozen_at__df=pgtrigger.F("new__frozen_at"))
                    | pgtrigger.Q(old__frozen_by__df=pgtrigger.F("new__frozen_by"))
                    | pgtrigger.Q(old__trail_head__df=pgtrigger.F("new__trail_head"))
                    | pgtrigger.Q(old__policy__df=pgtrigger.F("new__policy"))
                    | pgtrigger.Q(old__seal__df=pgtrigger.F("new__seal"))
                    | pgtrigger.Q(old__unanswered__df=pgtrigger.F("new__unanswered"))
                    | pgtrigger.Q(old__programme__df=pgtrigger.F("new__programme"))
                    | pgtrigger.Q(old__quotas__df=pgtrigger.F("new__quotas"))
                    | pgtrigger.Q(old__rung__df=pgtrigger.F("new__rung"))
                    | pgtrigger.Q(old__period_from__df=pgtrigger.F("new__period_from"))
                    | pgtrigger.Q(old__period_until__df=pgtrigger.F("new__period_until"))
                    | pgtrigger.Q(old__taken_back__df=pgtrigger.F("new__taken_back"))
                    | pgtrigger.Q(old__number__df=pgtrigger.F("new__number"))
                ),
            ),
        )

    def __str__(self) -> str:
        return self.number


class PublicInput(models.Model):
    """
    The public form of a frozen round's input, gzip like the input; beside the round, since it is big and the
    run alone asks for it. Its digest is in the seal.
    """

    round = models.OneToOneField(AllocationRound, on_delete=models.PROTECT, related_name="public_input")
    content = models.BinaryField()

    class Meta:
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"public input of {self.round_id}"


class RoundDwelling(models.Model):
    """A dwelling put into a round; freed rows keep the record of it."""

    round = models.ForeignKey(AllocationRound, on_delete=models.PROTECT, related_name="round_dwellings")
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="round_dwellings")
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("round", "dwelling"), name="dwelling_once_in_round"),
            models.UniqueConstraint(
                fields=("dwelling",),
                condition=Q(released_at__isnull=True),
                name="dwelling_in_one_round_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.dwelling_id} in {self.round_id}"


class RoundDocument(models.Model):
    """A paper of a round (a quota, a departure, a decision) and its scan, kept outside the web root."""

    round = models.ForeignKey(AllocationRound, on_delete=models.PROTECT, related_name="documents")
    title = models.CharField(max_length=300)
    file = models.FileField(upload_to="rounds/%Y/%m", blank=True, max_length=200)
    sha256 = models.CharField(max_length=64, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(title=""), name="round_document_has_a_title"),
            models.CheckConstraint(
                condition=Q(file="", sha256="") | (~Q(file="") & ~Q(sha256="")),
                name="round_document_file_with_digest",
            ),
        )
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return self.title
