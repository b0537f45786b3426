"""
Reconciliation: what an authority stated is recorded; a difference is explained by one person with a document
and approved by another. An explanation is about one difference of one line and falls silent when it changes.
"""

from datetime import date, datetime

from django.db import transaction

from queue_registry.models import Akimat, ReconciliationExplanation, StatedTotal, User
from queue_registry.rules.digitization.gate_refusals import GateRefusal, GateRefused
from queue_registry.selectors import reconciliation as selectors
from queue_registry.services import audit


@transaction.atomic
def state_total(
    *,
    akimat: Akimat,
    stated: int,
    as_of: date,
    document: str,
    by: User,
    at: datetime,
    list_number: str = "",
    source: str = "",
) -> StatedTotal:
    """
    Record what an authority said a list counts (all: empty); it takes the place of what was said before.

    :raises GateRefused: DOCUMENT_MISSING, NOTHING_STATED.
    """
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    if not document.strip():
        raise GateRefused(GateRefusal.DOCUMENT_MISSING)
    if stated < 0:
        raise GateRefused(GateRefusal.NOTHING_STATED)
    StatedTotal.objects.filter(
        akimat=locked, list_number=list_number, source=source, superseded_at__isnull=True
    ).update(superseded_at=at)
    total = StatedTotal.objects.create(
        akimat=locked,
        list_number=list_number,
        source=source,
        stated=stated,
        as_of=as_of,
        document=document.strip(),
        recorded_by=by,
        recorded_at=at,
    )
    audit.record(
        akimat=locked,
        by=by,
        at=at,
        event="stated_total.recorded",
        target=f"stated_total:{total.pk}",
        list=list_number,
        source=source,
        stated=stated,
        as_of=as_of.isoformat(),
        document=document.strip(),
    )
    return total


@transaction.atomic
def explain(
    *,
    akimat: Akimat,
    line: str,
    difference: int,
    explanation: str,
    document: str,
    by: User,
    at: datetime,
) -> ReconciliationExplanation:
    """
    Say why a line differs, as the page showed it; it counts once another person approved it.

    :raises GateRefused: REASON_MISSING, DOCUMENT_MISSING, LINE_CHANGED (it has another difference by now, or
        nothing to explain), EXPLAINED_ALREADY.
    """
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    if not explanation.strip():
        raise GateRefused(GateRefusal.REASON_MISSING)
    if not document.strip():
        raise GateRefused(GateRefusal.DOCUMENT_MISSING)
    found = next((one for one in selectors.list_lines(locked) if one.line.key == line), None)
    if found is None or found.line.is_explained or found.line.difference != difference:
        now = None if found is None else found.line.difference
        raise GateRefused(GateRefusal.LINE_CHANGED, line=line, difference=now)
    if found.explanation is not None:
        raise GateRefused(GateRefusal.EXPLAINED_ALREADY)
    written = ReconciliationExplanation.objects.create(
        akimat=locked,
        line=line,
        difference=difference,
        explanation=explanation.strip(),
        document=document.strip(),
        explained_by=by,
        explained_at=at,
    )
    _record(written, "explained", by=by, at=at, document=written.document, explanation=written.explanation)
    return written


@transaction.atomic
def approve(*, explanation_id: int, by: User, at: datetime) -> ReconciliationExplanation:
    """
    Approve what another person explained.

    :raises GateRefused: EXPLANATION_CLOSED, ANOTHER_PERSON_NEEDED.
    """
    written = _open(explanation_id)
    if written.explained_by_id == by.pk:
        raise GateRefused(GateRefusal.ANOTHER_PERSON_NEEDED)
    written.approved_by, written.approved_at = by, at
    written.save(update_fields=["approved_by", "approved_at"])
    _record(written, "approved", by=by, at=at)
    return written


@transaction.atomic
def drop(*, explanation_id: int, by: User, at: datetime) -> ReconciliationExplanation:
    """
    Send an explanation back that nobody approved: the line is open again.

    :raises GateRefused: EXPLANATION_CLOSED.
    """
    written = _open(explanation_id)
    written.dropped_at = at
    written.save(update_fields=["dropped_at"])
    _record(written, "dropped", by=by, at=at)
    return written


def _open(explanation_id: int) -> ReconciliationExplanation:
    written = (
        ReconciliationExplanation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat")
        .get(pk=explanation_id)
    )
    if written.approved_at is not None or written.dropped_at is not None:
        raise GateRefused(GateRefusal.EXPLANATION_CLOSED)
    return written


def _record(written: ReconciliationExplanation, act: str, *, by: User, at: datetime, **data: str) -> None:
    audit.record(
        akimat=written.akimat,
        by=by,
        at=at,
        event=f"reconciliation.{act}",
        target=f"reconciliation:{written.pk}",
        line=written.line,
        difference=written.difference,
        **data,
    )
