"""Open questions of old lists and what people decided on them: for the ledger, the queue and one page."""

import hashlib
from collections import Counter
from collections.abc import Collection

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery

from queue_registry.models import (
    Akimat,
    Application,
    ImportCase,
    ImportCaseAssignment,
    ImportDecision,
    ImportRow,
    User,
)
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.legacy import decisions
from queue_registry.rules.legacy.codes import Code
from queue_registry.rules.legacy.decisions import Decision
from queue_registry.selectors import iin_numbers

_CURRENT = Q(dropped_at__isnull=True, superseded_by__isnull=True)
_COUNTS = _CURRENT & (Q(needs_second=False) | Q(approved_at__isnull=False))
_WAITS = _CURRENT & Q(needs_second=True, approved_at__isnull=True)


def list_counting(akimat: Akimat) -> list[Decision]:
    """Return the decisions that count, as the ledger takes them."""
    rows = ImportDecision.objects.filter(_COUNTS, application__akimat=akimat).order_by("pk")
    current = iin_numbers.current()
    return [
        Decision(
            code=Code(row.code),
            rows=frozenset(decisions.read_key(text) for text in row.rows),
            value=decisions.renumbered(row.value, current),
            on=civil_day(row.decided_at),
            number=row.pk,
        )
        for row in rows
    ]


def documents_of(akimat: Akimat) -> dict[int, str]:
    """Return the document of the newest decision that counts, by key of the application."""
    rows = ImportDecision.objects.filter(_COUNTS, application__akimat=akimat).order_by("pk")
    return dict(rows.values_list("application_id", "document"))


def list_queue(
    akimat: Akimat, *, code: str = "", source: str = "", to: User | None = None
) -> QuerySet[Application]:
    """
    Return the applications with open questions that nobody answered yet, the longest waiting first; each with
    `waits_since` and `assigned_to`, the key of who looks after it.

    What only waits for a second person is not in it.
    """
    cases = _unanswered(akimat).order_by()
    if code:
        cases = cases.filter(code=code)
    of_application = cases.filter(application=OuterRef("pk")).values("application")
    current = ImportCaseAssignment.objects.filter(application=OuterRef("pk"), ended_at__isnull=True)
    rows = Application.objects.filter(akimat=akimat, pk__in=cases.values("application")).annotate(
        waits_since=Subquery(of_application.annotate(since=Min("opened_at")).values("since")),
        assigned_to=Subquery(current.values("to")[:1]),
    )
    if source:
        named = ImportRow.objects.filter(application=OuterRef("pk"), batch__source=source)
        rows = rows.filter(Exists(named))
    if to is not None:
        rows = rows.filter(assigned_to=to.pk)
    return rows.select_related("applicant").order_by("waits_since", "running_number")


def count_open(akimat: Akimat) -> dict[str, int]:
    """Return how many questions of each code are open."""
    cases = ImportCase.objects.filter(application__akimat=akimat, closed_at__isnull=True)
    return dict(Counter(cases.values_list("code", flat=True)))


def list_waiting(akimat: Akimat) -> QuerySet[ImportDecision]:
    """Return the decisions that wait for a second person, the longest waiting first."""
    return (
        ImportDecision.objects.filter(_WAITS, application__akimat=akimat)
        .select_related("application__applicant", "decided_by", "scan")
        .order_by("decided_at", "pk")
    )


def list_decisions(application: Application) -> QuerySet[ImportDecision]:
    """Return everything that was decided on an application's questions, the newest first."""
    return application.import_decisions.select_related("decided_by", "approved_by", "scan").order_by("-pk")


def current_of(application: Application, code: str) -> ImportDecision | None:
    """Return the decision on a code that neither was taken back nor replaced by a newer one."""
    return application.import_decisions.filter(_CURRENT, code=code).first()


def open_codes_of(application: Application) -> list[str]:
    """Return the codes of an application's open questions."""
    return list(
        ImportCase.objects.filter(application=application, closed_at__isnull=True)
        .order_by("code")
        .values_list("code", flat=True)
    )


def details_of(application: Application) -> dict[str, dict[str, str]]:
    """Return what a person should know at once of each open question."""
    cases = ImportCase.objects.filter(application=application, closed_at__isnull=True)
    return dict(cases.values_list("code", "detail"))


def rows_of(application: Application) -> list[ImportRow]:
    """Return the rows in force behind an application, in order of file, sheet and row."""
    rows = ImportRow.objects.in_force(application.akimat).filter(application=application)
    return list(rows.select_related("batch").order_by("batch__source", "batch_id", "sheet_no", "row"))


def others_of(application: Application, iins: Collection[str]) -> list[Application]:
    """Return the other applications of the akimat whose applicants have these IINs."""
    rows = Application.objects.filter(
        akimat=application.akimat, applicant__iin__in=iins, joined_into__isnull=True
    )
    return list(rows.exclude(pk=application.pk).select_related("akimat", "applicant").order_by("pk"))


def seen_of(application: Application) -> str:
    """Return what a page of an application's questions shows, as a short digest: a new row changes it."""
    rows = [(row.pk, row.codes, row.questions) for row in rows_of(application)]
    return hashlib.sha256(repr((rows, sorted(details_of(application).items()))).encode()).hexdigest()[:16]


def key_of(row: ImportRow) -> str:
    """Return by what a stored row is known in decisions."""
    return f"{row.batch.source}:{row.digest}"


def next_after(akimat: Akimat, application: Application) -> Application | None:
    """Return the case to open after one: the next by the moment of its question, or the first at the end."""
    mine = application.import_cases.filter(closed_at__isnull=True).order_by("opened_at").first()
    cases = (
        _unanswered(akimat)
        .exclude(application=application)
        .select_related("application")
        .order_by("opened_at", "application__running_number")
    )
    later = None
    if mine is not None:
        number = Q(opened_at=mine.opened_at, application__running_number__gt=application.running_number)
        later = cases.filter(Q(opened_at__gt=mine.opened_at) | number).first()
    found = later or cases.first()
    return found.application if found else None


def _unanswered(akimat: Akimat) -> QuerySet[ImportCase]:
    """The open questions but those whose answer waits for a second person."""
    waiting = ImportDecision.objects.filter(
        _WAITS, application=OuterRef("application"), code=OuterRef("code")
    )
    return ImportCase.objects.filter(~Exists(waiting), application__akimat=akimat, closed_at__isnull=True)
