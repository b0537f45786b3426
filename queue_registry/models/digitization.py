import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.application import Application
from queue_registry.models.imports import ImportBatch
from queue_registry.models.queue_entry import QueueEntry
from queue_registry.rules.legacy.codes import Source

_KEPT = pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Delete)
_APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class ImportUpload(models.Model):
    """
    A file on its way in: uploaded, its columns looked at and corrected by a person, read in the background.

    `columns` says for each sheet which field each header is; `rows_done` of `rows_total` is the progress.
    """

    class State(models.TextChoices):
        """Where an upload stands."""

        UPLOADED = "UPLOADED"
        WANTED = "WANTED"
        TRYING = "TRYING"
        PUT_IN = "PUT_IN"
        FAILED = "FAILED"
        DROPPED = "DROPPED"

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="import_uploads")
    source = models.CharField(max_length=10, choices=[(source, source) for source in Source])
    file = models.FileField(upload_to="imports/%Y/%m", max_length=200)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    columns = models.JSONField(default=list)
    consent_document = models.CharField(max_length=300, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    # Code and place of what made it fail; never a cell.
    error = models.JSONField(default=dict)
    # What trying it out in the background found, until its columns are corrected.
    tried = models.JSONField(default=dict)
    batch = models.OneToOneField(ImportBatch, on_delete=models.PROTECT, null=True, related_name="upload")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["UPLOADED", "WANTED", "TRYING", "PUT_IN", "FAILED", "DROPPED"]),
                name="import_upload_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="PUT_IN", batch__isnull=False)
                | (~Q(state="PUT_IN") & Q(batch__isnull=True)),
                name="import_upload_put_in_as_a_batch",
            ),
        )
        triggers = (_KEPT,)

    def __str__(self) -> str:
        return f"{self.source}: {self.file_name} ({self.state})"


class CategoryMappingVersion(models.Model):
    """
    One version of an akimat's table from local categories to the six lists, each line with its article; in
    force once two people approved it, until a newer one is.
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="category_mappings")
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    approved_at = models.DateTimeField(null=True)
    approved_second_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    in_force_at = models.DateTimeField(null=True, help_text="When the second person approved it.")
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(approved_second_by__isnull=True) | ~Q(approved_second_by=F("approved_by")),
                name="category_mapping_approved_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(in_force_at__isnull=True, approved_second_by__isnull=True)
                | Q(in_force_at__isnull=False, approved_second_by__isnull=False, approved_by__isnull=False),
                name="category_mapping_in_force_once_approved",
            ),
        )
        triggers = (
            _KEPT,
            pgtrigger.ReadOnly(
                name="category_mapping_as_drafted",
                fields=["akimat", "document", "sha256", "drafted_by", "drafted_at"],
            ),
        )

    def __str__(self) -> str:
        return f"category mapping {self.pk} of {self.akimat_id}"


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
            _KEPT,
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
        triggers = (_KEPT,)

    def __str__(self) -> str:
        return f"application {self.application_id} to {self.to_id}"


class MatchGroup(models.Model):
    """
    Applications that may be of one person, proposed with reasons, never joined silently.

    `members` are the keys of the applications in order. Decided SAME or DIFFERENT it stays so; a new member
    makes a new group, which supersedes it. An open one that a search does not find any more is gone.
    """

    class Outcome(models.TextChoices):
        """How a group was decided."""

        SAME = "SAME"
        DIFFERENT = "DIFFERENT"

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="match_groups")
    members = models.JSONField()
    # Figures and codes per pair: which likeness of names, birth dates, families.
    reasons = models.JSONField()
    proposed_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    document = models.CharField(max_length=300, blank=True)
    scan = models.ForeignKey(
        "queue_registry.ApplicationDocument", on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(null=True)
    superseded_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("akimat", "members"),
                condition=Q(superseded_by__isnull=True, gone_at__isnull=True),
                name="one_current_match_group_per_members",
            ),
            models.CheckConstraint(
                condition=Q(gone_at__isnull=True) | Q(superseded_by__isnull=True),
                name="match_group_gone_or_superseded",
            ),
            models.CheckConstraint(
                condition=~Q(superseded_by=F("pk")), name="match_group_superseded_by_another"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_by__isnull=True, decided_at__isnull=True)
                | (
                    Q(outcome__in=["SAME", "DIFFERENT"], decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(document="")
                ),
                name="match_group_decided_by_somebody_with_a_document",
            ),
            models.CheckConstraint(
                condition=Q(scan__isnull=True) | ~Q(outcome=""), name="match_group_scan_is_of_a_decision"
            ),
        )
        triggers = (_KEPT,)

    def __str__(self) -> str:
        return f"match group {self.pk}: {self.outcome or 'open'}"

    @property
    def is_open(self) -> bool:
        """Whether a person has to decide on it."""
        return not self.outcome and self.superseded_by_id is None and self.gone_at is None


class StatedTotal(models.Model):
    """What an authority said a list counts, on which day, in which document; a newer one supersedes it."""

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="stated_totals")
    list_number = models.CharField(max_length=1, blank=True, help_text="Empty: all lists.")
    source = models.CharField(max_length=10, blank=True, help_text="Empty: all sources.")
    stated = models.PositiveIntegerField()
    as_of = models.DateField()
    document = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("akimat", "list_number", "source"),
                condition=Q(superseded_at__isnull=True),
                name="one_current_stated_total_per_list_and_source",
            ),
            models.CheckConstraint(condition=~Q(document=""), name="stated_total_has_a_document"),
        )
        triggers = (_KEPT,)

    def __str__(self) -> str:
        return f"{self.stated} on list {self.list_number or 'all'}"


class ReconciliationExplanation(models.Model):
    """
    Why a line of the reconciliation differs, by one person and approved by another; it explains this
    difference and no other: when the figures change, the line is open again.
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="reconciliation_explanations")
    line = models.CharField(max_length=80)
    difference = models.IntegerField()
    explanation = models.TextField()
    document = models.CharField(max_length=300)
    explained_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    explained_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    approved_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("explained_by")),
                name="reconciliation_approved_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(explanation="") & ~Q(document=""),
                name="reconciliation_has_explanation_and_document",
            ),
            models.UniqueConstraint(
                fields=("akimat", "line", "difference"),
                condition=Q(dropped_at__isnull=True),
                name="one_explanation_per_line_and_difference",
            ),
        )
        triggers = (_KEPT,)

    def __str__(self) -> str:
        return f"{self.line}: {self.difference}"


class VerificationSample(models.Model):
    """
    Entries drawn by a published seed to be compared with their paper files: anybody can draw the same again.

    The seed follows from the head of the trail that was sealed for the day before the draw (`TrailSeal`); an
    older sample, of which a person typed the seed, has no head. `population` and `population_sha256` say of
    which entries it was drawn (file numbers in order).
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="verification_samples")
    seed = models.CharField(max_length=64)
    head_on = models.DateField(null=True, help_text="The day whose sealed head the seed is made of.")
    head_sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField()
    population = models.PositiveIntegerField()
    population_sha256 = models.CharField(max_length=64)
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(size__gte=1) & Q(size__lte=F("population")), name="sample_is_of_its_population"
            ),
            models.CheckConstraint(
                condition=Q(head_on__isnull=True, head_sha256="")
                | (Q(head_on__isnull=False) & ~Q(head_sha256="")),
                name="sample_names_its_head_with_the_day",
            ),
        )
        triggers = (_APPEND_ONLY,)

    def __str__(self) -> str:
        return f"sample {self.pk} of {self.akimat_id}"


class SampledEntry(models.Model):
    """One entry of a sample, and what the comparison with its paper file came to."""

    class Result(models.TextChoices):
        """What a comparison came to."""

        AGREES = "AGREES"
        DIFFERS = "DIFFERS"

    sample = models.ForeignKey(VerificationSample, on_delete=models.PROTECT, related_name="sampled")
    entry = models.ForeignKey(QueueEntry, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    result = models.CharField(max_length=10, choices=Result, blank=True)
    # Codes of what differs: MOMENT, LIST, FAMILY, IDENTITY, NO_FILE.
    differs = models.JSONField(default=list)
    note = models.CharField(max_length=500, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("sample", "entry"), name="one_place_in_a_sample_per_entry"),
            models.CheckConstraint(
                condition=Q(result="", checked_by__isnull=True, checked_at__isnull=True)
                | Q(result__in=["AGREES", "DIFFERS"], checked_by__isnull=False, checked_at__isnull=False),
                name="sampled_entry_checked_by_somebody",
            ),
        )
        triggers = (_KEPT,)

    def __str__(self) -> str:
        return f"entry {self.entry_id} of sample {self.sample_id}: {self.result or 'open'}"


class ListSeal(models.Model):
    """
    The digitized lists of an akimat at a moment, under one published Merkle root (rules/merkle): each file
    number is a leaf, and whoever has the receipt of one can prove it without the others.
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="list_seals")
    sealed_at = models.DateTimeField()
    sealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    root = models.CharField(max_length=64)
    leaves = models.PositiveIntegerField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(leaves__gte=1), name="list_seal_has_leaves"),)
        triggers = (_APPEND_ONLY,)

    def __str__(self) -> str:
        return f"seal {self.pk} of {self.akimat_id}: {self.root[:12]}"


class SealedLeaf(models.Model):
    """One leaf of a seal: file number, list, moment and place as they were, with the salt that hides them."""

    seal = models.ForeignKey(ListSeal, on_delete=models.PROTECT, related_name="sealed")
    position = models.PositiveIntegerField()
    file_number = models.CharField(max_length=16)
    list_number = models.CharField(max_length=1)
    registered_at = models.DateTimeField()
    place = models.PositiveIntegerField()
    salt = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("seal", "position"), name="one_leaf_per_position_of_a_seal"),
            models.UniqueConstraint(
                fields=("seal", "file_number", "list_number"), name="one_leaf_per_file_number_and_list"
            ),
        )
        triggers = (_APPEND_ONLY,)

    def __str__(self) -> str:
        return f"leaf {self.position} of seal {self.seal_id}"


class GateEvent(models.Model):
    """
    The gate to automatic distribution of an akimat is opened, or closed again; the newest one counts.

    Opening takes two people and a seal, and keeps the criteria as they were; closing takes one and a reason.
    """

    class Kind(models.TextChoices):
        """What happened to the gate."""

        OPENED = "OPENED"
        CLOSED = "CLOSED"

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="gate_events")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    seal = models.ForeignKey(ListSeal, on_delete=models.PROTECT, null=True, related_name="+")
    criteria = models.JSONField(default=list)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=(
                    Q(kind="OPENED", approved_by__isnull=False, seal__isnull=False)
                    & ~Q(approved_by=F("proposed_by"))
                )
                | (Q(kind="CLOSED") & ~Q(reason="")),
                name="gate_opened_by_two_people_with_a_seal",
            ),
        )
        triggers = (_APPEND_ONLY,)

    def __str__(self) -> str:
        return f"gate of {self.akimat_id}: {self.kind}"


class GateProposal(models.Model):
    """Somebody proposes to open the gate; another person opens it, or it is dropped."""

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="gate_proposals")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    seal = models.ForeignKey(ListSeal, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("akimat",),
                condition=Q(closed_at__isnull=True),
                name="one_open_gate_proposal_per_akimat",
            ),
        )
        triggers = (_KEPT,)

    def __str__(self) -> str:
        return f"proposal to open the gate of {self.akimat_id}"
