"""One case for one screen: people, answers, judgments of claims, documents, consents, what is open."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from queue_registry.models import (
    Application,
    ApplicationDocument,
    Consent,
    ImportCase,
    NoticeDelivery,
    Person,
    PolicyVersion,
    QueueEntry,
    RecheckFinding,
    RegistrationChange,
    RemovalCase,
    Review,
    SourceAnswer,
)
from queue_registry.rules import need
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy
from queue_registry.selectors import consents, judgments, queue
from queue_registry.selectors.applications import list_answers
from queue_registry.selectors.intakes import cases_of, numbers_of
from queue_registry.selectors.judgments import Arithmetic, MemberLine
from queue_registry.selectors.work import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A list that an application claims or stands on, and what the rules say of it on the day."""

    list_number: str
    judgment: need.Judgment | None
    standing: queue.Standing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """Everything that the page of one case shows."""

    household: list[MemberLine]
    names: dict[int, str]
    answers: list[SourceAnswer]
    claims: list[Claim]
    arithmetic: Arithmetic | None
    documents: QuerySet[ApplicationDocument]
    consents: QuerySet[Consent]
    tasks: list[Task]
    removals: QuerySet[RemovalCase]
    reviews: QuerySet[Review]
    changes: QuerySet[RegistrationChange]
    import_cases: QuerySet[ImportCase]


def get_case_file(application: Application, version: PolicyVersion | None, *, at: datetime) -> CaseFile:
    """
    Return the case at a moment, judged anew under the policy in force; without one there are no judgments.
    """
    on = civil_day(at)
    standings = {one.entry.waiting_list.number: one for one in queue.list_standings(application)}
    numbers = numbers_of([*application.claims, *({"list": number} for number in standings)])
    named = tuple(
        application.members.filter(until_on__isnull=True).order_by("person").values_list("person", flat=True)
    )
    policy = Policy.from_document(version.document) if version else None
    judged: dict[str, need.Judgment] = {}
    household: list[MemberLine] = []
    if application.applicant_id is not None:
        cases = cases_of(
            akimat=application.akimat, applicant=application.applicant_id, named=named, numbers=numbers
        )
        cases = consents.fill_gaps(cases, at=at)
        household = judgments.list_household(next(iter(cases.values())), on=on) if cases else []
        if policy is not None:
            judged = {
                number.value: need.judge(case=case, policy=policy, on=on) for number, case in cases.items()
            }
    people = [line.person for line in household]
    return CaseFile(
        household=household,
        names={person.pk: person.full_name for person in people},
        answers=list_answers(people),
        claims=[
            Claim(list_number=number, judgment=judged.get(number), standing=standings.get(number))
            for number in numbers
        ],
        arithmetic=judgments.work_out(next(iter(judged.values())), policy, on=on)
        if judged and policy
        else None,
        documents=application.documents.select_related("added_by").order_by("pk"),
        consents=list_consents(application, people),
        tasks=list_tasks(application, on=on),
        removals=RemovalCase.objects.filter(entry__application=application).order_by("-proposed_at", "-pk"),
        reviews=application.reviews.order_by("-opened_at", "-pk"),
        changes=RegistrationChange.objects.filter(entry__application=application).order_by(
            "-proposed_at", "-pk"
        ),
        import_cases=application.import_cases.order_by("-opened_at", "-pk"),
    )


def list_consents(application: Application, people: list[Person]) -> QuerySet[Consent]:
    """Return the consents of a case and of its people, the oldest first, with when they were taken back."""
    return (
        Consent.objects.filter(Q(application=application) | Q(person__in=people))
        .with_withdrawals()
        .select_related("person", "recorded_by")
        .order_by("pk")
    )


def list_tasks(application: Application, *, on: date) -> list[Task]:
    """Return what is open in a case, what has a term first."""
    tasks = []
    if application.status == Application.Status.PENDING and application.decide_by:
        tasks.append(Task(kind="DECISION", until=application.decide_by, overdue=application.decide_by < on))
    tasks += [
        Task(kind="REVIEW", key=row.pk, until=row.decide_by, overdue=row.decide_by < on)
        for row in application.reviews.filter(decided_at__isnull=True).order_by("decide_by")
    ]
    entries = QueueEntry.objects.filter(application=application)
    tasks += [
        Task(kind="REMOVAL", key=row.pk, until=row.decision_from)
        for row in RemovalCase.objects.filter(entry__in=entries, decided_at__isnull=True).order_by("pk")
    ]
    waiting = RegistrationChange.objects.filter(
        entry__in=entries, approved_at__isnull=True, dropped_at__isnull=True
    )
    tasks += [Task(kind="REDATING", key=row.pk) for row in waiting.order_by("pk")]
    tasks += [Task(kind="IMPORT") for _ in application.import_cases.filter(closed_at__isnull=True)]
    held = RecheckFinding.objects.filter(entry__in=entries, state=RecheckFinding.State.HELD)
    tasks += [Task(kind="RECHECK", key=row.pk) for row in held.order_by("pk")]
    undelivered = NoticeDelivery.objects.filter(
        notice__application=application, state=NoticeDelivery.State.UNDELIVERED, settled_at__isnull=True
    )
    tasks += [
        Task(kind="NOTICE", key=application.pk, until=row.notice.due_on, overdue=row.notice.due_on < on)
        for row in undelivered.select_related("notice").order_by("notice__due_on", "pk")
    ]
    return tasks
