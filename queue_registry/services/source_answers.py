"""Answers of the state systems: what they said becomes facts, and whom it concerns is judged again."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from integrations import services as outbox
from integrations.contract import CONFIRMED, FactKind, Outcome
from integrations.sources.definitions import DEFINITIONS
from queue_registry.models import Akimat, Fact, ImportSettlement, Person, QueueEntry, SourceAnswer
from queue_registry.selectors import legacy
from queue_registry.services import audit, iin_claims, persons
from queue_registry.services.assessment_requests import entries_about, request_assessments

_BATCH: Final = 5_000
# Outcomes that are kept as the source's current word on a person; all others leave the earlier word standing.
_KEPT: Final = CONFIRMED | {Outcome.IDENTITY_MISMATCH, Outcome.NO_CONSENT, Outcome.CONSENT_EXPIRED}


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
