import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from allocation.models.dwelling import Dwelling
from allocation.models.round import AllocationRound
from queue_registry.models import QueueEntry
from queue_registry.models.protection import APPEND_ONLY, NEVER_DELETED


class AllocationRun(models.Model):
    """
    One execution of the engine on a round's frozen input; a proposal that changes nothing in the register.

    Requested by a person, executed by the worker; once executed it can't be changed, only superseded.
    """

    round = models.ForeignKey(AllocationRound, on_delete=models.PROTECT, related_name="runs")
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    executed_at = models.DateTimeField(null=True)
    engine = models.CharField(max_length=20, blank=True)
    result = models.BinaryField(null=True)
    result_sha256 = models.CharField(max_length=64, blank=True)
    superseded_at = models.DateTimeField(null=True)
    # Why the worker set it aside unexecuted: {"code": "STALE", "count": …, "changes": [{"thing", "key",
    # "field"}, …]}, the first of what was no longer as it was sealed.
    refusal = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(refusal={}) | Q(superseded_at__isnull=False, executed_at__isnull=True),
                name="allocation_run_refused_is_set_aside",
            ),
            models.UniqueConstraint(
                fields=("round",), condition=Q(superseded_at__isnull=True), name="one_current_run_per_round"
            ),
            models.CheckConstraint(
                condition=Q(executed_at__isnull=True, result__isnull=True, result_sha256="", engine="")
                | (Q(executed_at__isnull=False, result__isnull=False) & ~Q(result_sha256="") & ~Q(engine="")),
                name="allocation_run_executed_at_and_result_together",
            ),
        )
        triggers = (
            NEVER_DELETED,
            pgtrigger.Protect(
                name="result_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__executed_at__isnull=False)
                & (
                    pgtrigger.Q(old__result_sha256__df=pgtrigger.F("new__result_sha256"))
                    | pgtrigger.Q(old__result__df=pgtrigger.F("new__result"))
                    | pgtrigger.Q(old__executed_at__df=pgtrigger.F("new__executed_at"))
                ),
            ),
        )

    def __str__(self) -> str:
        return f"run {self.pk} of {self.round_id}"


class AllocationLine(models.Model):
    """The run's answer for one entry that was looked at: a dwelling, or the code of why not; append-only."""

    run = models.ForeignKey(AllocationRun, on_delete=models.PROTECT, related_name="lines")
    entry = models.ForeignKey(QueueEntry, on_delete=models.PROTECT, related_name="allocation_lines")
    list_number = models.CharField(max_length=1)
    place = models.PositiveIntegerField(help_text="Place in the list when it was frozen.")
    registered_at = models.DateTimeField(help_text="Registration moment when the list was frozen.")
    tier = models.PositiveSmallIntegerField()
    dwelling = models.ForeignKey(
        Dwelling, on_delete=models.PROTECT, null=True, related_name="allocation_lines"
    )
    turn = models.PositiveIntegerField(null=True)
    level = models.CharField(max_length=10, blank=True)
    reserve = models.JSONField(default=list, help_text="Keys of the entries to be called next.")
    code = models.CharField(max_length=90, blank=True)
    witness = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "entry"), name="entry_once_in_run"),
            models.UniqueConstraint(
                fields=("run", "dwelling"), condition=Q(dwelling__isnull=False), name="dwelling_once_in_run"
            ),
            models.CheckConstraint(
                condition=(Q(dwelling__isnull=False, turn__isnull=False, code="") & ~Q(level=""))
                | (Q(dwelling__isnull=True, turn__isnull=True, level="") & ~Q(code="")),
                name="allocation_line_dwelling_or_code",
            ),
        )
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"{self.entry_id} in {self.run_id}"


class Bundle(models.Model):
    """The zip by which anyone checks a run without us; made once a run, byte for byte reproducible."""

    class Form(models.TextChoices):
        FULL = "FULL"
        PUBLIC = "PUBLIC"

    run = models.ForeignKey(AllocationRun, on_delete=models.PROTECT, related_name="bundles")
    form = models.CharField(max_length=10, choices=Form)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "form"), name="one_bundle_per_run_and_form"),)
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"{self.form} of {self.run_id}"
