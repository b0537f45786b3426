"""What the detector of red flags reads of the register: entries and their steps, as frozen values."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from queue_registry.models import (
    Akimat,
    Application,
    HouseholdMember,
    ImportRow,
    QueueEntry,
    QueueEntryEvent,
    RegistrationChange,
    RemovalCase,
    Review,
    SourceAnswer,
)
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.facts import Said
from queue_registry.rules.flags.values import Entry, Proof, Step, What
from queue_registry.rules.reasons import EntryGround, RegistrationChangeGround, ReviewOutcome
from queue_registry.rules.statuses import ACTIVE, QueueEntryStatus
from queue_registry.selectors.flag_numbers import day_of, series_of

_CHUNK: Final = 5_000
_WHAT: Final = {
    QueueEntryEvent.Kind.REGISTERED: What.REGISTERED,
    QueueEntryEvent.Kind.REGISTERED_AT_CHANGED: What.REDATED,
    QueueEntryEvent.Kind.LIST_CHANGED: What.RELISTED,
}


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What stands behind moments and removals of an akimat, by application and entry."""

    rows: Mapping[int, list[ImportRow]]
    won: Mapping[int, list[datetime]]  # decided reviews of an application that changed something
    elsewhere: frozenset[tuple[int, datetime]]  # moments of the same people in other akimats
    changes: Mapping[tuple[int, datetime], RegistrationChange]
    cases: Mapping[tuple[int, datetime], RemovalCase]
    answered: frozenset[tuple[int, str]]  # person and source that found something


def gather(akimat: Akimat) -> tuple[tuple[Entry, ...], tuple[Step, ...]]:
    """Return every entry of an akimat with all its steps, in the order in which they were recorded."""
    evidence, people = _evidence(akimat), people_of(akimat)
    rows = QueueEntry.objects.filter(akimat=akimat).select_related("application")
    entries = {entry.pk: entry for entry in rows.iterator(chunk_size=_CHUNK)}
    steps: dict[int, list[Step]] = defaultdict(list)
    events = QueueEntryEvent.objects.filter(entry__akimat=akimat).order_by("recorded_at", "pk")
    for event in events.iterator(chunk_size=_CHUNK):
        entry = entries[event.entry_id]
        steps[entry.pk].append(_step(akimat, event, entry, evidence, people[entry.application_id]))
    return (
        tuple(_entry(akimat, entry, steps[key], evidence, people) for key, entry in entries.items()),
        tuple(sorted((step for own in steps.values() for step in own), key=lambda step: step.at)),
    )


def people_of(akimat: Akimat) -> dict[int, tuple[int, ...]]:
    """Return the keys of applicant and named members of every application of an akimat."""
    people: dict[int, list[int]] = defaultdict(list)
    applicants = Application.objects.filter(akimat=akimat, applicant__isnull=False)
    for key, person in applicants.values_list("pk", "applicant"):
        people[key].append(person)
    members = HouseholdMember.objects.filter(application__akimat=akimat, until_on__isnull=True)
    for key, person in members.values_list("application", "person"):
        people[key].append(person)
    return defaultdict(tuple, {key: tuple(dict.fromkeys(found)) for key, found in people.items()})


def _entry(
    akimat: Akimat,
    entry: QueueEntry,
    steps: list[Step],
    evidence: Evidence,
    people: Mapping[int, tuple[int, ...]],
) -> Entry:
    application, rows = entry.application, evidence.rows.get(entry.application_id, [])
    series, number = series_of(akimat, application, rows)
    given = [step.moment for step in steps if step.proof in {Proof.DECISION, Proof.TRANSFER}]
    return Entry(
        subject=f"queue_entry:{entry.pk}",
        application=f"application:{application.pk}",
        akimat=akimat.kato,
        file_number=entry.file_number,
        moment=entry.registered_at,
        first_moment=steps[0].moment if steps else entry.registered_at,
        typed_at=application.entered_at,
        clerk=str(application.entered_by_id),
        series=series,
        number=number,
        proof=_of_registration(application, rows, evidence),
        proven_moment=min(given, default=None),
        people=people[application.pk],
    )


def _of_registration(application: Application, rows: list[ImportRow], evidence: Evidence) -> Proof:
    if rows or application.origin == Application.Origin.IMPORT:
        return Proof.IMPORT
    return Proof.DECISION if evidence.won.get(application.pk) else Proof.NONE


def _step(
    akimat: Akimat, event: QueueEntryEvent, entry: QueueEntry, evidence: Evidence, people: tuple[int, ...]
) -> Step:
    what = _WHAT.get(QueueEntryEvent.Kind(event.kind), What.MOVED)
    clerk, second, proof = event.by_id, None, Proof.NONE
    rows = evidence.rows.get(entry.application_id, [])
    if event.moved_to == QueueEntryStatus.DEREGISTERED and what is What.MOVED:
        what = What.LEFT
        case = evidence.cases.get((entry.pk, event.recorded_at))
        if case is not None:
            clerk, second, proof = (
                case.proposed_by_id,
                case.decided_by_id,
                _of_removal(case, evidence, people),
            )
    elif what is What.REDATED:
        change = evidence.changes.get((entry.pk, event.recorded_at))
        if change is not None:
            clerk, second = change.proposed_by_id, change.approved_by_id
        proof = _of_moment(event, entry, evidence, is_change=change is not None)
    elif what is What.REGISTERED:
        proof = _of_registration(entry.application, rows, evidence)
    elif event.ground == EntryGround.DIGITIZATION:
        proof = Proof.IMPORT
    return Step(
        entry=f"queue_entry:{entry.pk}",
        what=what,
        at=event.recorded_at,
        waiting_list=f"{akimat.kato}:{event.list_number}",
        moment=event.registered_at,
        stands=event.moved_to in ACTIVE,
        clerk=str(clerk or ""),
        second=str(second or ""),
        proof=proof,
    )


def _of_moment(event: QueueEntryEvent, entry: QueueEntry, evidence: Evidence, *, is_change: bool) -> Proof:
    """
    What we hold for a changed moment. The ground that somebody chose proves nothing: a review must have been
    decided, another akimat's entry must have the moment, a row of an old list must show the day.
    """
    won = evidence.won.get(entry.application_id, [])
    if event.ground == RegistrationChangeGround.REINSTATEMENT:
        return Proof.DECISION if any(at <= event.recorded_at for at in won) else Proof.NONE
    if event.ground == RegistrationChangeGround.ORPHAN_TRANSFER:
        moved = (entry.applicant_id, event.registered_at) in evidence.elsewhere
        return Proof.TRANSFER if moved else Proof.NONE
    if event.ground == EntryGround.DIGITIZATION:
        rows = evidence.rows.get(entry.application_id, [])
        shown = {day_of(row) for row in rows} if is_change else set()
        return Proof.IMPORT if not is_change or civil_day(event.registered_at) in shown else Proof.NONE
    return Proof.NONE


def _of_removal(case: RemovalCase, evidence: Evidence, people: Iterable[int]) -> Proof:
    answered = any((person, case.evidence_source) in evidence.answered for person in people)
    return Proof.SOURCE if case.evidence_source and answered else Proof.NONE


def _evidence(akimat: Akimat) -> Evidence:
    rows: dict[int, list[ImportRow]] = defaultdict(list)
    found = ImportRow.objects.in_force(akimat).filter(application__isnull=False).select_related("batch")
    for row in found.order_by("pk").iterator(chunk_size=_CHUNK):
        rows[row.application_id or 0].append(row)
    won: dict[int, list[datetime]] = defaultdict(list)
    reviews = Review.objects.filter(application__akimat=akimat, outcome=ReviewOutcome.OVERTURNED)
    for key, at in reviews.values_list("application", "decided_at"):
        if at is not None:
            won[key].append(at)
    changes = RegistrationChange.objects.filter(entry__akimat=akimat, approved_at__isnull=False)
    cases = RemovalCase.objects.filter(entry__akimat=akimat, outcome=RemovalCase.Outcome.REMOVED)
    return Evidence(
        rows=rows,
        won=won,
        elsewhere=frozenset(_moments_elsewhere(akimat)),
        changes={(one.entry_id, one.approved_at): one for one in changes if one.approved_at},
        cases={(one.entry_id, one.decided_at): one for one in cases if one.decided_at},
        answered=frozenset(_answered(akimat)),
    )


def _moments_elsewhere(akimat: Akimat) -> Iterator[tuple[int, datetime]]:
    """Moments that applicants of this akimat had in others."""
    here = QueueEntry.objects.filter(akimat=akimat).values("applicant")
    events = QueueEntryEvent.objects.filter(entry__applicant__in=here).exclude(entry__akimat=akimat)
    yield from events.values_list("entry__applicant", "registered_at")


def _answered(akimat: Akimat) -> Iterator[tuple[int, str]]:
    """What sources found of those who were removed, and of their families."""
    removed = QueueEntry.objects.filter(akimat=akimat, removal_cases__isnull=False).values("application")
    members = HouseholdMember.objects.filter(application__in=removed).values("person")
    applicants = Application.objects.filter(pk__in=removed).values("applicant")
    of_families = Q(person__in=members) | Q(person__in=applicants)
    answers = SourceAnswer.objects.filter(of_families, outcome=Said.FOUND)
    yield from answers.values_list("person", "source")
