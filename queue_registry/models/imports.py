import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.application import Application
from queue_registry.models.protection import KEPT_FOR_EVER
from queue_registry.rules.legacy.codes import RowState, Source

# What nobody settled yet, as the database fills it in.
_NOTHING = models.Value([], models.JSONField())
_ORIGINAL = ["batch", "sheet", "sheet_no", "row", "cells", "malformed", "digest", "iin", "number"]


class ImportBatch(models.Model):
    """
    One file of a legacy list as one person put it in; it counts once another person confirmed it.

    `others` lists the rows that are no records (title, header, empty, totals) with what totals state and
    what their rows add up to.
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="import_batches")
    source = models.CharField(max_length=10, choices=[(source, source) for source in Source])
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    # The paper by which the people on the list, and the adults of their families, let the registers be asked.
    consent_document = models.CharField(max_length=300, blank=True)
    others = models.JSONField(default=list)
    imported_on = models.DateField(help_text="The day against which two-digit years and the future are read.")
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    confirmed_at = models.DateTimeField(null=True)
    # Taken back as a whole: its rows count no more, and stay.
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    undone_at = models.DateTimeField(null=True)
    why_undone = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("akimat", "source", "sha256"),
                condition=Q(undone_at__isnull=True),
                name="one_import_batch_per_file",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, why_undone="")
                | (Q(undone_at__isnull=False, undone_by__isnull=False) & ~Q(why_undone="")),
                name="import_batch_undone_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(condition=Q(source__in=list(Source)), name="import_batch_source_is_known"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="import_batch_confirmed_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("imported_by")),
                name="import_batch_confirmed_by_another_person",
            ),
        )
        triggers = (KEPT_FOR_EVER,)

    def __str__(self) -> str:
        return f"{self.source}: {self.file_name}"


class ImportRowQuerySet(models.QuerySet["ImportRow"]):
    """Questions about rows of legacy lists."""

    def in_force(self, akimat: Akimat | None = None) -> "ImportRowQuerySet":
        """
        Rows of confirmed files, not taken back since, that no corrected file replaced or repeats; of one
        akimat or of all.
        """
        rows = self if akimat is None else self.filter(batch__akimat=akimat)
        return rows.filter(
            batch__confirmed_at__isnull=False,
            batch__undone_at__isnull=True,
            replaced_by__isnull=True,
            same_as__isnull=True,
        )


class ImportRow(models.Model):
    """
    A record row of a legacy list as its file has it, kept for ever; and where it ended in the ledger.

    `cells` by field, columns that we do not know by their header; days and decimals as
    `legacy_files.stored` writes them. What is settled (`state`, codes, application) is worked out again
    from all confirmed rows whenever one more file or answer comes.
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="rows")
    sheet = models.CharField(max_length=120, blank=True)
    sheet_no = models.PositiveSmallIntegerField()
    row = models.PositiveIntegerField(help_text="The number that a spreadsheet shows.")
    cells = models.JSONField()
    malformed = models.BooleanField(default=False)
    digest = models.CharField(max_length=64)
    iin = models.CharField(max_length=12, blank=True, help_text="As it reads; empty where it is none.")
    number = models.CharField(max_length=100, blank=True)
    # A corrected file has the row again, changed (replaced) or as it was (the earlier row stays).
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaces")
    same_as = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="repeats")

    state = models.CharField(
        max_length=12, blank=True, db_default="", choices=[(state, state) for state in RowState]
    )
    codes = models.JSONField(default=list, db_default=_NOTHING)
    answered = models.JSONField(
        default=list, db_default=_NOTHING, help_text="Those of the codes that another row settles."
    )
    remarks = models.JSONField(default=list, db_default=_NOTHING)
    questions = models.JSONField(
        default=list, db_default=_NOTHING, help_text="Codes of the application's cases it takes part in."
    )
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, null=True, related_name="import_rows"
    )

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("batch", "sheet_no", "row"), name="one_import_row_per_position"),
            models.CheckConstraint(
                condition=Q(state="", application__isnull=True)
                | Q(state__in=list(RowState), application__isnull=False),
                name="import_row_state_with_application",
            ),
        )
        indexes = (
            models.Index(fields=("iin",), name="import_row_of_iin"),
            models.Index(fields=("digest",), name="import_row_of_digest"),
        )
        triggers = (
            KEPT_FOR_EVER,
            pgtrigger.ReadOnly(name="original_stays", fields=_ORIGINAL),
        )

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.sheet}/{self.row}"


class ImportCase(models.Model):
    """One question to a person about one application: its code, and what the person should know at once."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="import_cases")
    code = models.CharField(max_length=30)
    detail = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("application", "code"),
                condition=Q(closed_at__isnull=True),
                name="one_open_import_case_per_application_and_code",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="import_case_closed_after_opened",
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id}/{self.code}"


class ImportOrder(models.Model):
    """
    What somebody ordered to be done with a whole file in the background: that it counts, or that it is taken
    back. The row is the queue, and stays with what became of it.
    """

    class Act(models.TextChoices):
        """What is done with the file."""

        CONFIRM = "CONFIRM"
        UNDO = "UNDO"

    class State(models.TextChoices):
        """Where an order stands."""

        WANTED = "WANTED"
        DONE = "DONE"
        REFUSED = "REFUSED"

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="orders")
    act = models.CharField(max_length=10, choices=Act)
    reason = models.CharField(max_length=500, blank=True, help_text="Why the file is taken back.")
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WANTED)
    refusal = models.CharField(max_length=30, blank=True, help_text="Code of why it was not done.")
    file_numbers = models.JSONField(default=list, help_text="Applications that hold the file.")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("batch",), condition=Q(state="WANTED"), name="one_wanted_import_order_per_batch"
            ),
            models.CheckConstraint(
                condition=Q(state="WANTED", closed_at__isnull=True, refusal="")
                | Q(state="DONE", closed_at__isnull=False, refusal="")
                | (Q(state="REFUSED", closed_at__isnull=False) & ~Q(refusal="")),
                name="import_order_closed_or_wanted",
            ),
            models.CheckConstraint(
                condition=Q(act="CONFIRM", reason="") | (Q(act="UNDO") & ~Q(reason="")),
                name="import_order_undoes_for_a_reason",
            ),
        )
        triggers = (KEPT_FOR_EVER,)

    def __str__(self) -> str:
        return f"{self.act} {self.batch_id} ({self.state})"


class ImportSettlement(models.Model):
    """
    The registers answered about people of an akimat's legacy lists since its ledger was made; the row is
    the queue and goes when the ledger is made again.
    """

    akimat = models.OneToOneField(Akimat, on_delete=models.CASCADE, primary_key=True)
    requested_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"settle {self.pk}"
