"""
What the state knows of a household, as the household itself reads it: each person with what every source last
said, its date, and what is disputed of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from queue_registry.models import Application, DataDispute, Fact, PolicyVersion, QueueEntry, RemovalCase
from queue_registry.models.fact import SourceAnswer
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import consent_work
from queue_registry.selectors.applications import list_answers
from queue_registry.selectors.consent_work import Member
from queue_registry.selectors.ladder import Rung, get_rung

INCOME = "INCOME_MONTH"
Thing = tuple[int, int | None, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One thing that is known of a person: a fact; months of income, which are one row; or that a source found
    nothing. The person alone stands for being of the family. `dispute` is the newest about it.
    """

    person: int
    answer: SourceAnswer | None = None
    fact: Fact | None = None
    months: tuple[tuple[str, Decimal], ...] = ()
    dispute: DataDispute | None = None

    @property
    def thing(self) -> Thing:
        """What a dispute about the row names: person, answer, fact."""
        return (
            self.person,
            self.answer.pk if self.answer else None,
            self.fact.pk if self.fact else None,
        )

    @property
    def key(self) -> str:
        """How a form names the row."""
        return "-".join(str(part or 0) for part in self.thing)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonData:
    """Somebody of the household with everything that is known; the row of the membership comes first."""

    member: Member
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MyData:
    """
    What a household reads: its people, the applicant first, the rung of its first entry with a place, and the
    cases of removal of which it was told.
    """

    people: tuple[PersonData, ...]
    rung: Rung | None
    removals: tuple[RemovalCase, ...]
    entries: tuple[QueueEntry, ...]

    def row(self, key: str) -> Row | None:
        """The row that a form names, if the household has it."""
        return next((row for one in self.people for row in one.rows if row.key == key), None)


def get_my_data(application: Application, version: PolicyVersion | None, *, at: datetime) -> MyData:
    """Return what is known of an application's household; without a policy in force no rung is worked out."""
    members = consent_work.list_members(application, at=at)
    answers = list_answers([member.person for member in members])
    disputes = _newest_disputes(application)
    entries = tuple(
        QueueEntry.objects.filter(application=application)
        .select_related("akimat", "waiting_list")
        .order_by("waiting_list__number")
    )
    placed = next((entry for entry in entries if entry.is_active), None)
    cases = RemovalCase.objects.filter(entry__application=application, notified_at__isnull=False)
    return MyData(
        people=tuple(
            PersonData(member=member, rows=tuple(_rows(member, answers, disputes))) for member in members
        ),
        rung=get_rung(placed, version, on=civil_day(at)) if placed and version else None,
        removals=tuple(cases.select_related("entry__waiting_list").order_by("-pk")),
        entries=entries,
    )


def _newest_disputes(application: Application) -> dict[Thing, DataDispute]:
    rows = DataDispute.objects.filter(application=application).order_by("pk")
    return {(row.person_id, row.answer_id, row.fact_id): row for row in rows}


def _rows(
    member: Member, answers: list[SourceAnswer], disputes: Mapping[Thing, DataDispute]
) -> Iterator[Row]:
    person = member.person.pk
    yield Row(person=person, dispute=disputes.get((person, None, None)))
    for answer in answers:
        if answer.person_id == person:
            yield from _of_answer(answer, disputes)


def _of_answer(answer: SourceAnswer, disputes: Mapping[Thing, DataDispute]) -> Iterator[Row]:
    person, facts = answer.person_id, list(answer.facts.all())
    months = tuple(
        sorted((fact.value["month"], Decimal(fact.value["amount"])) for fact in facts if fact.kind == INCOME)
    )
    if months or not facts:
        whole = disputes.get((person, answer.pk, None))
        yield Row(person=person, answer=answer, months=months, dispute=whole)
    for fact in facts:
        if fact.kind != INCOME:
            dispute = disputes.get((person, answer.pk, fact.pk))
            yield Row(person=person, answer=answer, fact=fact, dispute=dispute)
