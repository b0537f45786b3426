"""
Entries to be judged again, each a row of `AssessmentRequest`; tasks take what is due.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from queue_registry.models import Akimat, AssessmentRequest, Fact, HouseholdMember, QueueEntry
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.case import Case
from queue_registry.rules.sources import Question, questions
from queue_registry.selectors import consents, keepers
from queue_registry.selectors import facts as fact_selectors
from queue_registry.services import assessments, mass_flips, missing_consents, policies, source_questions

_BATCH: Final = 5_000


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
    source_questions.put(wanted, at=at, by="checks")
    missing_consents.note(
        {key: consents.lacking(case, needed[key], given, on=on) for key, case in cases.items()}, at=at
    )
