"""Legacy lists: their rows as the pure ledger reads them, and what the registers say of the people named."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from django.db.models import Count, Q, QuerySet

from integrations.models import OPEN_STATES, CheckRequest
from queue_registry.legacy_files.stored import unpacked
from queue_registry.models import (
    Akimat,
    Application,
    Fact,
    FormerIin,
    ImportBatch,
    ImportCase,
    ImportDecision,
    ImportOrder,
    ImportRow,
    ImportSettlement,
    ImportUpload,
    SourceAnswer,
)
from queue_registry.rules.facts import CONFIRMED, Said, Source
from queue_registry.rules.legacy import codes
from queue_registry.rules.legacy.names import PersonName
from queue_registry.rules.legacy.register import (
    NOT_IN_REGISTER,
    Families,
    Identities,
    Identity,
    Kin,
    Relation,
)
from queue_registry.rules.legacy.rows import ParsedRow, RawRow, parse, renumbered
from queue_registry.selectors import iin_numbers, many

# The registers that say who somebody is and who belongs to him: the ledger asks no others.
ASKED = (Source.GBD_FL, Source.ZAGS)


def parsed(row: ImportRow) -> ParsedRow:
    """
    Read a stored row as on the day of its import, with the numbers that it names. Rows come with `batch`
    selected.
    """
    raw = RawRow(
        source=codes.Source(row.batch.source),
        sheet=row.sheet,
        sheet_no=row.sheet_no,
        row=row.row,
        cells=unpacked(row.cells),
        malformed=row.malformed,
    )
    return parse(raw, imported_on=row.batch.imported_on, file_no=row.batch_id)


def read(rows: Iterable[ImportRow]) -> list[ParsedRow]:
    """Read stored rows, with the numbers that the people named bear today; in their order."""
    return with_current_iins([parsed(row) for row in rows])


def with_current_iins(rows: Sequence[ParsedRow]) -> list[ParsedRow]:
    """Return rows with the numbers that the people whom they name bear today."""
    current = iin_numbers.current()
    return [renumbered(row, current) for row in rows]


def iins_of(rows: Iterable[ParsedRow]) -> set[str]:
    """Return every IIN that the rows name: of applicants and of members."""
    return {iin for row in rows for iin in (row.iin.iin, *row.family.iins) if iin is not None}


def identities(iins: Collection[str]) -> Identities:
    """Return who the population register says these IINs are; one that it did not answer about is missing."""
    answered = SourceAnswer.objects.filter(
        person__iin__in=many.texts(iins),
        source=Source.GBD_FL,
        superseded_at__isnull=True,
        outcome__in=list(CONFIRMED),
    )
    outcomes = dict(answered.values_list("person__iin", "outcome"))
    found: dict[str, object] = {
        iin: NOT_IN_REGISTER for iin, outcome in outcomes.items() if outcome == Said.NOT_FOUND_CONFIRMED
    }
    known = outcomes.keys() - found.keys()
    told = Fact.objects.filter(
        person__iin__in=many.texts(known), kind="PERSON", answer__superseded_at__isnull=True
    ).values_list("person__iin", "value")
    found |= {iin: _identity(value) for iin, value in told}
    return found  # type: ignore[return-value]


def _identity(value: dict[str, str | None]) -> Identity:
    return Identity(
        name=PersonName(value["last"] or "", value["first"] or "", value["middle"] or ""),
        born_on=_day(value["birth_date"]),
        died_on=_day(value["death_date"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def families(iins: Collection[str]) -> Families:
    """Return the relatives of these IINs by the civil acts; one whose acts are not known is missing."""
    answered = SourceAnswer.objects.filter(
        person__iin__in=many.texts(iins),
        source=Source.ZAGS,
        superseded_at__isnull=True,
        outcome__in=list(CONFIRMED),
    )
    found: dict[str, list[Kin]] = {iin: [] for iin in answered.values_list("person__iin", flat=True)}
    acts = list(
        Fact.objects.filter(
            person__iin__in=many.texts(found), kind="KINSHIP", answer__superseded_at__isnull=True
        ).values_list("person__iin", "value")
    )
    current = iin_numbers.current()
    known = identities({current.get(value["iin"], value["iin"]) for _, value in acts})
    for iin, value in acts:
        number = current.get(value["iin"], value["iin"])
        identity = known.get(number)
        found.setdefault(iin, []).append(
            Kin(
                iin=number,
                relation=Relation(value["relation"].upper()),
                since=_day(value["since"]),
                until=_day(value["until"]),
                born_on=identity.born_on if isinstance(identity, Identity) else None,
            )
        )
    return found


def list_rows(akimat: Akimat) -> list[ImportRow]:
    """Return the rows in force with batch and application, in order of file, sheet and row."""
    return list(
        ImportRow.objects.in_force(akimat)
        .select_related("batch", "application")
        .order_by("batch__source", "batch_id", "sheet_no", "row")
    )


def list_batches(akimat: Akimat) -> QuerySet[ImportBatch]:
    """Return the files put in, the newest first, with their rows counted by state."""
    counts = {f"{state}_count": Count("rows", filter=Q(rows__state=state.value)) for state in codes.RowState}
    return (
        ImportBatch.objects.filter(akimat=akimat)
        .select_related("imported_by", "confirmed_by", "undone_by")
        .annotate(row_count=Count("rows"), **counts)
        .order_by("-imported_at", "-pk")
    )


def list_open_cases(akimat: Akimat) -> QuerySet[ImportCase]:
    """Return the questions that wait for a person, by file number and code."""
    return (
        ImportCase.objects.filter(application__akimat=akimat, closed_at__isnull=True)
        .select_related("application")
        .order_by("application__running_number", "code")
    )


def rows_of(applications: Collection[Application]) -> dict[int, list[ImportRow]]:
    """Return the rows of old lists behind each application, the strongest source first."""
    rows: dict[int, list[ImportRow]] = defaultdict(list)
    found = ImportRow.objects.filter(
        application__in=applications, batch__undone_at__isnull=True
    ).select_related("batch")
    for row in sorted(found, key=lambda one: (codes.STRENGTH[codes.Source(one.batch.source)], one.pk)):
        if row.application_id is not None:
            rows[row.application_id].append(row)
    return rows


def akimats_concerned(iins: Collection[str]) -> set[int]:
    """Return keys of akimats whose old lists name one of the people, or a relative of theirs."""
    iins = {*iins, *iin_numbers.former(iins)}
    kin = Fact.objects.filter(
        kind="KINSHIP", relative__iin__in=iins, answer__superseded_at__isnull=True
    ).values("person__iin")
    former = FormerIin.objects.filter(person__iin__in=kin)
    rows = ImportRow.objects.filter(
        Q(iin__in=iins) | Q(iin__in=kin) | Q(iin__in=former.values("iin")),
        batch__confirmed_at__isnull=False,
        batch__undone_at__isnull=True,
    )
    decided = ImportDecision.objects.filter(
        Q(value__iin__in=list(iins)) | Q(value__cells__iin__in=list(iins)), dropped_at__isnull=True
    )
    found = set(rows.values_list("batch__akimat", flat=True).distinct())
    return found | set(decided.values_list("application__akimat", flat=True))


def is_waiting_for_registers(akimat: Akimat) -> bool:
    """Say whether questions of identity or family about people on the old lists are still open."""
    named = (
        ImportRow.objects.filter(batch__akimat=akimat, batch__undone_at__isnull=True)
        .exclude(iin="")
        .values("iin")
    )
    decided = ImportDecision.objects.filter(application__akimat=akimat, value__has_key="iin")
    current = FormerIin.objects.filter(iin__in=named).values("person__iin")
    asked = Q(subject_iin__in=named) | Q(subject_iin__in=current)
    asked |= Q(subject_iin__in=list(decided.values_list("value__iin", flat=True)))
    return CheckRequest.objects.filter(asked, state__in=OPEN_STATES, source__in=list(ASKED)).exists()


def list_wanted_uploads() -> list[int]:
    """Return the keys of uploads that are to be read or tried out, the longest waiting first."""
    return list(
        ImportUpload.objects.filter(state__in=[ImportUpload.State.WANTED, ImportUpload.State.TRYING])
        .order_by("uploaded_at", "pk")
        .values_list("pk", flat=True)
    )


def list_wanted_orders() -> list[int]:
    """Return the keys of orders that are to be carried out, the longest waiting first."""
    wanted = ImportOrder.objects.filter(state=ImportOrder.State.WANTED)
    return list(wanted.order_by("ordered_at", "pk").values_list("pk", flat=True))


def latest_orders(akimat: Akimat) -> dict[int, ImportOrder]:
    """Return the newest order about each file, by the file's key."""
    orders = ImportOrder.objects.filter(batch__akimat=akimat).select_related("ordered_by").order_by("pk")
    return {one.batch_id: one for one in orders}


def list_uploads(akimat: Akimat) -> QuerySet[ImportUpload]:
    """Return the uploads that are not put in or given up, the newest first."""
    return (
        ImportUpload.objects.filter(akimat=akimat, closed_at__isnull=True)
        .select_related("uploaded_by")
        .order_by("-uploaded_at", "-pk")
    )


def list_due_settlements() -> list[ImportSettlement]:
    """Return the akimats whose ledger has to be made again, the longest waiting first."""
    return list(ImportSettlement.objects.select_related("akimat").order_by("requested_at", "pk"))
