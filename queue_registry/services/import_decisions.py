"""
What people decide on open questions of old lists: each with its document, never changed, only superseded.

A decision closes its question; the ledger is made again soon after, and opens it anew if it still asks.
What sets a registration day counts, and closes, only with a second person.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from queue_registry.models import (
    Akimat,
    Application,
    Consent,
    ImportCase,
    ImportDecision,
    ImportRow,
    User,
)
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.intakes import LARGEST_SCAN, scan_type
from queue_registry.rules.legacy import decision_values
from queue_registry.rules.legacy.codes import Code
from queue_registry.rules.legacy.decision_values import DecisionRefusal, require
from queue_registry.rules.legacy.decisions import iins_of
from queue_registry.selectors import import_decisions as selectors
from queue_registry.selectors import legacy
from queue_registry.services import audit, consents, persons, scans, settlements, source_questions

# Codes whose questions are of the same rows, so that one answer is to both.
_TOGETHER: Final[Mapping[str, frozenset[str]]] = {
    Code.LIST_CONFLICT: frozenset({Code.LIST_CONFLICT, Code.SECOND_LIST}),
    Code.SECOND_LIST: frozenset({Code.LIST_CONFLICT, Code.SECOND_LIST}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    What somebody decides on a code: the value as `rules.legacy.decision_values` says, why, by which document,
    and its scan, where there is one.
    """

    code: Code
    value: Mapping[str, Any]
    reason: str
    document: str
    scan: bytes = field(default=b"", repr=False)

    def check(self, at: datetime) -> None:
        """:raises DecisionRefused: if anything is missing or wrong; the detail names the field."""
        decision_values.check(self.code, self.value, on=civil_day(at))
        require(self.reason.strip(), DecisionRefusal.REASON_MISSING, field="reason")
        require(self.document.strip(), DecisionRefusal.DOCUMENT_MISSING, field="document")
        require(len(self.scan) <= LARGEST_SCAN, DecisionRefusal.SCAN_TOO_LARGE, field="scan")
        is_scan = not self.scan or scan_type(self.scan) is not None
        require(is_scan, DecisionRefusal.SCAN_NOT_READABLE, field="scan")


@transaction.atomic
def decide(
    *, application_id: int, answer: Answer, by: User, at: datetime, seen: str | None = None
) -> ImportDecision:
    """
    Answer an open question of one application; what was decided on it before is superseded.

    The same form sent twice finds its work done. An IIN that was found to be right is asked about.

    :param seen: `selectors.import_decisions.seen_of` the application on the page that the act comes from.
    :raises DecisionRefused: CASE_CLOSED, CHANGED_MEANWHILE, or what `Answer.check` says.
    """
    answer.check(at)
    application = _locked(application_id)
    decision, is_new = _decide(application, answer, seen=seen, by=by, at=at)
    if is_new:
        settlements.request(application.akimat, at=at)
        _record(decision, "import_decision.made", by=by, at=at)
    return decision


@transaction.atomic
def decide_many(
    *, akimat: Akimat, application_ids: Collection[int], answer: Answer, by: User, at: datetime
) -> int:
    """
    Give the same answer to one code of many applications: each has its own decision and its own record.
    Return how many were answered; what is not open any more is left as it is.

    :raises DecisionRefused: NOT_IN_BULK if the answer is one person's own (a number, a day, cells), or what
        `Answer.check` says; nothing is decided then.
    """
    answer.check(at)
    given = decision_values.answer_of(answer.code, answer.value)
    is_common = given in decision_values.IN_BULK and "only" not in answer.value and not answer.scan
    require(is_common, DecisionRefusal.NOT_IN_BULK)
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    open_now = ImportCase.objects.filter(code=answer.code, closed_at__isnull=True)
    applications = Application.objects.filter(
        akimat=locked, pk__in=application_ids, import_cases__in=open_now
    )
    made = [
        _decide(application, answer, seen=None, by=by, at=at)[0]
        for application in applications.select_related("akimat").order_by("pk")
    ]
    if made:
        settlements.request(locked, at=at)
    audit.record_many(akimat=locked, by=by, at=at, acts=[_act(one) for one in made])
    return len(made)


@transaction.atomic
def approve(*, decision_id: int, by: User, at: datetime) -> ImportDecision:
    """
    Let a decision that sets a registration day count.

    :raises DecisionRefused: NOTHING_TO_APPROVE, DECISION_CLOSED, SECOND_PERSON_NEEDED.
    """
    decision = _locked_decision(decision_id)
    if decision.approved_by_id == by.pk:
        return decision
    _require_open(decision)
    require(decision.needs_second and decision.approved_by_id is None, DecisionRefusal.NOTHING_TO_APPROVE)
    require(decision.decided_by_id != by.pk, DecisionRefusal.SECOND_PERSON_NEEDED)
    decision.approved_by, decision.approved_at = by, at
    decision.save(update_fields=["approved_by", "approved_at"])
    _close_case(decision, at=at)
    settlements.request(decision.application.akimat, at=at)
    _record(decision, "import_decision.approved", by=by, at=at)
    return decision


@transaction.atomic
def drop(*, decision_id: int, why: str, by: User, at: datetime) -> ImportDecision:
    """
    Take a decision back, or do not approve it: the question is open again once the ledger is made.

    :raises DecisionRefused: DECISION_CLOSED, REASON_MISSING.
    """
    decision = _locked_decision(decision_id)
    _require_open(decision)
    require(why.strip(), DecisionRefusal.REASON_MISSING, field="why")
    decision.dropped_at = at
    decision.save(update_fields=["dropped_at"])
    settlements.request(decision.application.akimat, at=at)
    _record(decision, "import_decision.dropped", by=by, at=at, why=why.strip())
    return decision


def _locked(application_id: int) -> Application:
    akimat_id = Application.objects.values_list("akimat_id", flat=True).get(pk=application_id)
    Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat_id)
    return Application.objects.select_related("akimat", "applicant").get(pk=application_id)


def _locked_decision(decision_id: int) -> ImportDecision:
    _locked(ImportDecision.objects.values_list("application_id", flat=True).get(pk=decision_id))
    return ImportDecision.objects.select_related("application__akimat").get(pk=decision_id)


def _require_open(decision: ImportDecision) -> None:
    is_current = decision.dropped_at is None and decision.superseded_by_id is None
    require(is_current, DecisionRefusal.DECISION_CLOSED)


def _decide(
    application: Application, answer: Answer, *, seen: str | None, by: User, at: datetime
) -> tuple[ImportDecision, bool]:
    """Store a decision and close its question; return it, and whether it is new."""
    earlier = selectors.current_of(application, answer.code)
    taking_part = _rows(application, answer.code)
    if earlier is not None and _is_same(earlier, answer, taking_part):
        return earlier, False
    is_open = answer.code in selectors.open_codes_of(application)
    require(is_open or earlier is not None, DecisionRefusal.CASE_CLOSED)
    require(seen is None or seen == selectors.seen_of(application), DecisionRefusal.CHANGED_MEANWHILE)
    rows = sorted({*taking_part, *_still_there(application, earlier)})
    if earlier is not None:
        earlier.dropped_at = at
        earlier.save(update_fields=["dropped_at"])
    decision = ImportDecision.objects.create(
        application=application,
        code=answer.code,
        rows=rows,
        value=dict(answer.value),
        reason=answer.reason.strip(),
        document=answer.document.strip(),
        scan=scans.keep(application, title=answer.document.strip(), content=answer.scan, by=by, at=at),
        decided_by=by,
        decided_at=at,
        needs_second=decision_values.needs_second(answer.code, answer.value),
    )
    if earlier is not None:
        earlier.superseded_by = decision
        earlier.save(update_fields=["superseded_by"])
    if not decision.needs_second:
        _close_case(decision, at=at)
    _ask(application, answer.value, by=by, at=at)
    return decision, True


def _is_same(earlier: ImportDecision, answer: Answer, rows: Collection[str]) -> bool:
    same_words = (earlier.value, earlier.document) == (dict(answer.value), answer.document.strip())
    return same_words and set(rows) <= set(earlier.rows)


def _rows(application: Application, code: str) -> list[str]:
    """Return the rows that take part in a question; of a household also those of the others."""
    codes = _TOGETHER.get(code, frozenset({code}))
    applications = [application]
    if code == Code.HOUSEHOLD_TWICE:
        others = selectors.details_of(application).get(code, {}).get("others", "")
        applications += selectors.others_of(application, others.split(";"))
    return [
        selectors.key_of(row)
        for one in applications
        for row in selectors.rows_of(one)
        if not codes.isdisjoint({*row.codes, *row.questions})
    ]


def _still_there(application: Application, earlier: ImportDecision | None) -> list[str]:
    """Return the rows of an earlier decision that still count."""
    if earlier is None:
        return []
    digests = {text.partition(":")[2] for text in earlier.rows}
    rows = ImportRow.objects.in_force(application.akimat).filter(digest__in=digests).select_related("batch")
    return sorted({selectors.key_of(row) for row in rows} & set(earlier.rows))


def _close_case(decision: ImportDecision, *, at: datetime) -> None:
    ImportCase.objects.filter(
        application=decision.application_id, code=decision.code, closed_at__isnull=True
    ).update(closed_at=at)


def _ask(application: Application, value: Mapping[str, Any], *, by: User, at: datetime) -> None:
    """Ask the registers about people whom only the decision names: the paper of the list is their consent."""
    people = persons.by_iin(iins_of(value))
    if not people:
        return
    row = next((row for row in selectors.rows_of(application) if row.batch.consent_document), None)
    if row is not None:
        signed = Consent.objects.filter(import_batch=row.batch, person__in=people.values())
        known = set(signed.values_list("person_id", flat=True))
        new = [person for person in people.values() if person.pk not in known]
        consents.record_for_list(batch=row.batch, people=new, by=by, at=at)
    source_questions.ask_about(people=people.values(), sources=legacy.ASKED, at=at, by=by.username)


def _record(decision: ImportDecision, event: str, *, by: User, at: datetime, **data: object) -> None:
    audit.record_many(akimat=decision.application.akimat, by=by, at=at, acts=[_act(decision, event, **data)])


def _act(decision: ImportDecision, event: str = "import_decision.made", **data: object) -> audit.Act:
    """The record of an act on a decision: codes and documents, no number and no cell of a person."""
    return audit.Act(
        event=event,
        target=f"application:{decision.application_id}",
        data={
            "file_number": decision.application.file_number,
            "decision": decision.pk,
            "code": decision.code,
            "answer": decision_values.answer_of(Code(decision.code), decision.value),
            "document": decision.document,
            "needs_second": decision.needs_second,
            **data,
        },
    )
