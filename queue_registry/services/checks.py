"""
Questions to the state systems about the people of the register, and what their answers make.

Work is rows: questions wait in the outbox of `integrations`, entries to be assessed again in
`AssessmentRequest`. Tasks take what is due; a lost broker or a dead worker loses nothing.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import stamina
from django.db import transaction
from django.db.models import Q
from psycopg import errors

from integrations import services as outbox
from integrations import withdrawals
from integrations.contract import CONFIRMED, FactKind, Lane, Outcome, Period, Query, Transport
from integrations.models import CheckRequest
from integrations.sources.definitions import DEFINITIONS
from queue_registry.models import (
    Akimat,
    AssessmentRequest,
    Fact,
    HouseholdMember,
    ImportSettlement,
    Person,
    QueueEntry,
    SourceAnswer,
)
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.case import Case
from queue_registry.rules.facts import Source
from queue_registry.rules.income import window
from queue_registry.rules.sources import Question, questions
from queue_registry.selectors import consents, keepers, legacy
from queue_registry.selectors import facts as fact_selectors
from queue_registry.services import (
    assessments,
    audit,
    iin_claims,
    mass_flips,
    missing_consents,
    persons,
    policies,
)

PURPOSE: Final = "need"
# So long the ledger of old lists waits for a register that does not answer.
PATIENCE: Final = timedelta(minutes=10)
_BATCH: Final = 5_000
_STORE_ATTEMPTS: Final = 5
# Outcomes that are kept as the source's current word on a person; all others leave the earlier word standing.
_KEPT: Final = CONFIRMED | {Outcome.IDENTITY_MISMATCH, Outcome.NO_CONSENT, Outcome.CONSENT_EXPIRED}


def ask_about(
    *, people: Iterable[Person], sources: Collection[Source], at: datetime, by: str, lane: Lane = Lane.BULK
) -> int:
    """
    Put questions about people who consented themselves into the outbox; return how many were new.

    One person is asked once a month.
    """
    named = {person.pk: person for person in people}
    given = consents.in_force(named, at=at)
    asked = [Question(person=key, source=source) for key in named for source in sources]
    found = {one: given.of(one, applicant=one.person) for one in asked}
    return put({one: consent for one, consent in found.items() if consent}, at=at, by=by, lane=lane)


def put(asked: Mapping[Question, consents.Given], *, at: datetime, by: str, lane: Lane = Lane.BULK) -> int:
    """Put questions into the outbox, each with the consent that covers it; return how many were new."""
    people = Person.objects.filter(pk__in={question.person for question in asked})
    iins = dict(people.values_list("pk", "iin"))
    by_key = sorted(asked.items(), key=lambda one: (one[0].person, one[0].source))
    return outbox.enqueue(
        [
            query(
                iins[question.person], question.source, at=at, by=by, lane=lane, consent_ref=given.reference
            )
            for question, given in by_key
        ],
        at=at,
        shared=True,
    )


def query(
    iin: str,
    source: str,
    *,
    at: datetime,
    by: str,
    lane: Lane = Lane.BULK,
    purpose: str = PURPOSE,
    bucket: str = "",
    consent_ref: str = "",
) -> Query:
    """Return a question about a person; without a `bucket` it is the same question all the month."""
    on = civil_day(at)
    period = None
    if source in {Source.ENPF, Source.EMAKET}:
        first = date.fromisoformat(f"{window(on)[0]}-01")
        period = Period(start=first, until=on.replace(day=1))
    return Query(
        source=source,
        iin=iin,
        purpose=purpose,
        bucket=bucket or f"{on:%Y-%m}",
        period=period,
        consent_ref=consent_ref,
        requested_by=by,
        lane=lane,
    )


def request_assessments(*, entries: Sequence[QueueEntry], at: datetime) -> None:
    """
    Let entries be judged: what is known is looked at, what is missing is asked.

    A row that is there already is written again: whoever is about to take it waits until what we know now is
    committed, so that no entry is judged for good without it.
    """
    AssessmentRequest.objects.bulk_create(
        [AssessmentRequest(entry=entry, requested_at=at) for entry in entries],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["entry"],
        update_fields=["requested_at"],
    )


def ask_due(*, limit: int, at: datetime, transport: Transport) -> int:
    """
    Ask due questions, wait for all answers and store them; return how many were asked.

    :raises integrations.services.GatewayUnreachable: nothing is taken then, and nobody changes.
    """
    answered = outbox.ask_due(limit=limit, at=at, transport=transport, refuses=refuse)
    _store_patiently(answered, at)
    return len(answered)


def keep_asking(*, dispatch: outbox.Dispatch, limit: int, at: datetime) -> int:
    """
    Ask due questions beside those that are under way, and store what came meanwhile; return how many came.

    :raises integrations.services.GatewayUnreachable: nothing is taken then, and nobody changes.
    """
    dispatch.ask(limit=limit, at=at, refuses=refuse)
    answered = dispatch.hear()
    _store_patiently(answered, at)
    return len(answered)


def _store_patiently(answered: Sequence[outbox.AnsweredCheck], at: datetime) -> None:
    if answered:
        # Two workers may bring answers about the same families: one of them has to wait and write again.
        for attempt in stamina.retry_context(on=_is_deadlock, attempts=_STORE_ATTEMPTS, wait_max=1.0):
            with attempt:
                store(answered=answered, at=at)


@transaction.atomic
def refuse(rows: Sequence[CheckRequest], at: datetime) -> set[int]:
    """
    Close those of the questions that no consent covers at the moment of asking, whatever it was when they
    were put; return their keys. Entries concerned are judged again: another consent may cover them.
    """
    refused = consents.list_refused(rows, at=at)
    if refused:
        withdrawals.close(rows=refused, at=at)
        people = persons.by_iin({row.subject_iin for row in rows if row.pk in refused})
        request_assessments(entries=entries_about({person.pk for person in people.values()}, at=at), at=at)
    return refused


def _is_deadlock(error: Exception) -> bool:
    return isinstance(error.__cause__, errors.DeadlockDetected)


@transaction.atomic
def store(*, answered: Sequence[outbox.AnsweredCheck], at: datetime) -> None:
    """Record attempts, make the answers' facts, and let the entries that they concern be judged again."""
    # A wrong person in one answer is no word of the source yet: it is asked once more.
    kept = [
        check for check in outbox.record_answers(answered) if check.answer.outcome in _KEPT and check.is_final
    ]
    people = persons.by_iin({check.iin for check in kept} | _relatives(kept))
    # What comes about a number that its person does not bear any more is evidence of the attempt alone.
    kept = [check for check in kept if people[check.iin].iin == check.iin]
    answers = _supersede(kept, people, at)
    Fact.objects.bulk_create(_facts(kept, answers, people), batch_size=_BATCH)
    _complete_names(kept, people)
    entries = entries_about({people[check.iin].pk for check in kept}, at=at)
    request_assessments(entries=entries, at=at)
    _request_settlements({check.iin for check in kept if check.source in legacy.ASKED}, at)
    told = iin_claims.note(
        [
            iin_claims.Claim(person=people[check.iin], said=said, check_request_id=check.request_id)
            for check in kept
            if (said := check.answer.renumbered) is not None
        ],
        at=at,
    )
    _record(kept, entries, told, at)


def _request_settlements(iins: set[str], at: datetime) -> None:
    """Akimats whose old lists name one of the people make their ledger again."""
    ImportSettlement.objects.bulk_create(
        [ImportSettlement(akimat_id=key, requested_at=at) for key in sorted(legacy.akimats_concerned(iins))],
        ignore_conflicts=True,
    )


def _relatives(kept: Sequence[outbox.AnsweredCheck]) -> set[str]:
    return {
        str(fact.value["iin"])
        for check in kept
        for fact in check.answer.facts
        if fact.kind is FactKind.KINSHIP
    }


def _supersede(
    kept: Sequence[outbox.AnsweredCheck], people: dict[str, Person], at: datetime
) -> dict[tuple[str, str], SourceAnswer]:
    by_source: dict[str, list[int]] = defaultdict(list)
    for check in kept:
        by_source[check.source].append(people[check.iin].pk)
    for source, keys in by_source.items():
        SourceAnswer.objects.filter(source=source, person__in=keys, superseded_at__isnull=True).update(
            superseded_at=at
        )
    latest = {(check.iin, check.source): check for check in kept}
    rows = {
        key: SourceAnswer(
            person=people[check.iin],
            source=check.source,
            outcome=_said(check.answer.outcome),
            source_as_of=check.answer.source_as_of,
            answered_at=check.answer.fetched_at or at,
            fresh_until=(check.answer.fetched_at or at) + DEFINITIONS[check.source].ttl,
            envelope_sha256=check.answer.envelope_sha256,
            check_request_id=check.request_id,
        )
        for key, check in latest.items()
    }
    SourceAnswer.objects.bulk_create(rows.values(), batch_size=_BATCH)
    return rows


def _said(outcome: Outcome) -> Outcome:
    return Outcome.NO_CONSENT if outcome is Outcome.CONSENT_EXPIRED else outcome


def _facts(
    kept: Sequence[outbox.AnsweredCheck],
    answers: dict[tuple[str, str], SourceAnswer],
    people: dict[str, Person],
) -> Iterable[Fact]:
    latest = {(check.iin, check.source): check for check in kept}
    for key, check in latest.items():
        for fact in check.answer.facts:
            yield Fact(
                answer=answers[key],
                person=people[check.iin],
                kind=fact.kind,
                value=dict(fact.value),
                relative=people[str(fact.value["iin"])] if fact.kind is FactKind.KINSHIP else None,
                valid_from=fact.valid_from,
                valid_until=fact.valid_to,
            )


def _complete_names(kept: Sequence[outbox.AnsweredCheck], people: dict[str, Person]) -> None:
    """Give people who were known by IIN only the names of the population register."""
    changed = []
    for check in kept:
        for fact in check.answer.facts:
            person = people[check.iin]
            if fact.kind is FactKind.PERSON and not person.last_name and not person.first_name:
                person.last_name = str(fact.value["last"] or "")
                person.first_name = str(fact.value["first"] or "")
                person.middle_name = str(fact.value["middle"] or "")
                changed.append(person)
    Person.objects.bulk_update(changed, ["last_name", "first_name", "middle_name"], batch_size=1_000)


def entries_about(people: Collection[int], *, at: datetime) -> list[QueueEntry]:
    """
    Active entries whose household has one of the people: applicant, named by the application, or kin; of
    queues that are kept here.
    """
    applications = HouseholdMember.objects.filter(person__in=people, until_on__isnull=True)
    kin = Fact.objects.filter(relative__in=people, answer__superseded_at__isnull=True)
    about = (
        Q(applicant__in=people)
        | Q(application__in=applications.values("application"))
        | Q(applicant__in=kin.values("person"))
    )
    return list(
        QueueEntry.objects.active()
        .filter(about)
        .exclude(akimat__in=keepers.resting(at))
        .select_related("akimat", "waiting_list")
        .order_by("pk")
    )


def _record(
    kept: Sequence[outbox.AnsweredCheck],
    entries: Sequence[QueueEntry],
    told: Sequence[tuple[Akimat, audit.Act]],
    at: datetime,
) -> None:
    """
    One trail record for each akimat concerned: how many answers, of whom, and the digest of their
    envelopes; then what was told of changed numbers there.
    """
    envelopes = hashlib.sha256("".join(sorted(check.answer.envelope_sha256 for check in kept)).encode())
    counts = Counter(check.source for check in kept)
    answered = audit.Act(
        event="check.answered",
        target=f"checks:{at.isoformat()}",
        data={"answers": dict(sorted(counts.items())), "envelopes_sha256": envelopes.hexdigest()},
    )
    akimats = {entry.akimat_id: entry.akimat for entry in entries}
    acts = {key: [answered] for key in akimats}
    for akimat, act in told:
        akimats[akimat.pk] = akimat
        acts.setdefault(akimat.pk, []).append(act)
    for key, akimat in sorted(akimats.items()):
        audit.record_many(akimat=akimat, by="checks", at=at, acts=acts[key])


@transaction.atomic
def assess_due(*, limit: int, at: datetime) -> int:
    """
    Judge entries whose facts changed and ask what they still need; return how many were judged. A source that
    turned against too many of them is held, and they are judged again.

    Rows that another worker holds are passed over.
    """
    due = list(
        AssessmentRequest.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .exclude(entry__akimat__in=keepers.resting(at))
        .order_by("requested_at", "pk")[:limit]
    )
    keys = [row.pk for row in due]
    by_akimat: dict[Akimat, list[QueueEntry]] = defaultdict(list)
    for entry in QueueEntry.objects.filter(pk__in=keys).select_related("akimat", "waiting_list"):
        by_akimat[entry.akimat].append(entry)
    turned: set[str] = set()
    for akimat, entries in by_akimat.items():
        version = policies.policy_in_force(akimat=akimat, on=civil_day(at))
        cases = fact_selectors.cases(entries)
        given = consents.of_cases(cases.values(), at=at)
        _ask_what_is_missing(cases, given, at=at)
        known = consents.fill_gaps(cases, at=at, consents=given)
        turned |= assessments.keep(cases=known, policy_version=version, at=at)
    AssessmentRequest.objects.filter(pk__in=keys).delete()
    if turned:
        # The requests come before the records: nobody asks for a row with the head of a trail in hand.
        tripped = mass_flips.guard(sources=turned, at=at)
        request_assessments(entries=[entry for one in tripped for entry in one.entries], at=at)
        mass_flips.record(tripped, at=at)
    return len(due)


def _ask_what_is_missing(cases: Mapping[int, Case], given: consents.Consents, *, at: datetime) -> None:
    """
    Put every question that the cases need, that nobody answered and that a consent covers; note whose is
    missing.
    """
    on = civil_day(at)
    needed = {key: questions(case=case, on=on) for key, case in cases.items()}
    wanted: dict[Question, consents.Given] = {}
    for key, case in cases.items():
        wanted |= consents.due(case, needed[key], given, on=on)
    put(wanted, at=at, by="checks")
    missing_consents.note(
        {key: consents.lacking(case, needed[key], given, on=on) for key, case in cases.items()}, at=at
    )
