"""
Rows of answers and facts as the frozen values that rules read; a handful of queries however many people.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from django.db.models import Aggregate, JSONField

from queue_registry.models import (
    CategoryPeriod,
    Fact,
    HouseholdMember,
    QueueEntry,
    SourceAnswer,
    SourceHold,
)
from queue_registry.rules.case import Case
from queue_registry.rules.categories import Kept
from queue_registry.rules.facts import (
    Benefit,
    Identity,
    Kin,
    PersonFacts,
    Receipt,
    Registration,
    Right,
    Said,
    Status,
)
from queue_registry.rules.waiting_lists import ListNumber

_INCOME: Final = "INCOME_MONTH"
_SAID: Final = {said.value: said for said in Said}


class _Told(NamedTuple):
    """A row of facts, without the cost of a model's instance: a freeze reads millions."""

    key: int
    kind: str
    value: Mapping[str, Any]
    relative: int | None
    source: str


class _IncomeByMonth(Aggregate):
    """Amounts by month, {"2026-08": "182000.50"}; of two rows of a month the later one counts."""

    template = (
        "jsonb_object_agg(%(expressions)s->>'month', %(expressions)s->>'amount'"
        " ORDER BY queue_registry_fact.id)"
    )
    output_field = JSONField()


def people_facts(person_ids: Collection[int]) -> dict[int, PersonFacts]:
    """Return the current facts of each person, by key; people never asked about have empty ones."""
    receipts = _receipts(person_ids)
    facts: dict[int, dict[str, list[_Told]]] = defaultdict(lambda: defaultdict(list))
    rows = Fact.objects.filter(person__in=person_ids, answer__superseded_at__isnull=True)
    told = rows.exclude(kind=_INCOME).order_by("pk")
    for person, *row in told.values_list("person_id", "pk", "kind", "value", "relative_id", "answer__source"):
        fact = _Told(*row)
        facts[person][fact.kind].append(fact)
    # Twelve rows of a person come as one: they are most of all facts.
    incomes = dict(
        rows.filter(kind=_INCOME).values("person_id").values_list("person_id", _IncomeByMonth("value"))
    )
    return {key: _person(key, receipts[key], facts[key], incomes.get(key, {})) for key in person_ids}


def _receipts(person_ids: Collection[int]) -> dict[int, dict[str, Receipt]]:
    found: dict[int, dict[str, Receipt]] = defaultdict(dict)
    held = held_sources()
    rows = SourceAnswer.objects.filter(person__in=person_ids, superseded_at__isnull=True)
    for person, source, outcome, as_of, answered_at, fresh_until, key in rows.values_list(
        "person_id", "source", "outcome", "source_as_of", "answered_at", "fresh_until", "pk"
    ):
        found[person][source] = Receipt(
            said=_SAID[outcome],
            as_of=as_of or answered_at,
            fresh_until=fresh_until,
            held=source in held,
            answer=key,
            answered_at=answered_at,
        )
    return found


def held_sources() -> frozenset[str]:
    """Return the sources whose answers ground nothing adverse until somebody lets them go."""
    return frozenset(SourceHold.objects.filter(released_at__isnull=True).values_list("source", flat=True))


def _person(
    key: int,
    receipts: Mapping[str, Receipt],
    by_kind: Mapping[str, list[_Told]],
    income: Mapping[str, str],
) -> PersonFacts:
    return PersonFacts(
        person=key,
        receipts=receipts,
        identity=next((_identity(fact.value) for fact in by_kind["PERSON"]), None),
        registration=next((_registration(fact.value) for fact in by_kind["REGISTRATION"]), None),
        kin=tuple(_kin(fact) for fact in by_kind["KINSHIP"]),
        rights=tuple(_right(fact.value) for fact in by_kind["PROPERTY_RIGHT"]),
        statuses=tuple(_status(fact) for fact in (*by_kind["STATUS"], *by_kind["DISABILITY"])),
        income={month: Decimal(amount) for month, amount in income.items()},
        benefits=tuple(
            _benefit(fact.value) for fact in by_kind["BENEFIT"] if fact.value["amount"] is not None
        ),
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _identity(value: Mapping[str, Any]) -> Identity:
    return Identity(
        birth_date=date.fromisoformat(value["birth_date"]),
        death_date=_day(value["death_date"]),
        sex=value["sex"],
        citizenship=value["citizenship"],
    )


def _registration(value: Mapping[str, Any]) -> Registration | None:
    return Registration(kato=value["kato"], since=_day(value["since"])) if value["kato"] else None


def _kin(fact: _Told) -> Kin:
    if fact.relative is None:
        raise ValueError(f"Fact {fact.key} of kinship names nobody.")
    return Kin(
        person=fact.relative,
        relation=fact.value["relation"],
        since=_day(fact.value["since"]),
        until=_day(fact.value["until"]),
    )


def _right(value: Mapping[str, Any]) -> Right:
    return Right(
        kind=value["kind"],
        kato=value["kato"] or "",
        area=Decimal(value["area"]) if value["area"] else None,
        share=Fraction(value["share"]),
        acquired=_day(value["acquired"]),
        disposed=_day(value["disposed"]),
    )


def _status(fact: _Told) -> Status:
    value = fact.value
    return Status(
        code=value.get("code", "disability"),
        source=fact.source,
        since=_day(value["from"]),
        until=_day(value["until"]),
        group=str(value.get("group", "")),
    )


def _benefit(value: Mapping[str, Any]) -> Benefit:
    return Benefit(amount=Decimal(value["amount"]), since=_day(value["from"]), until=_day(value["until"]))


def cases(entries: Collection[QueueEntry]) -> dict[int, Case]:
    """
    Return what the rules judge, by entry key: the list, the people named and what is known of them and of
    their kin.

    Entries come with `akimat` and `waiting_list` selected.
    """
    named: dict[int, list[int]] = defaultdict(list)
    members = HouseholdMember.objects.filter(
        application__in={entry.application_id for entry in entries}, until_on__isnull=True
    )
    for application, person in members.values_list("application_id", "person_id"):
        named[application].append(person)
    applicants = {entry.applicant_id for entry in entries}
    people = people_facts(applicants | {person for group in named.values() for person in group})
    kin = {relative.person for key in applicants for relative in people[key].kin}
    people |= people_facts(kin - people.keys())
    kept = _kept(entries)
    return {
        entry.pk: _case(entry, tuple(sorted(named[entry.application_id])), people, tuple(kept[entry.pk]))
        for entry in entries
    }


def _kept(entries: Collection[QueueEntry]) -> dict[int, list[Kept]]:
    """Return the recorded categories that go on counting after their end, by entry."""
    kept: dict[int, list[Kept]] = defaultdict(list)
    rows = CategoryPeriod.objects.filter(entry__in=[entry.pk for entry in entries], sticky=True)
    for entry, code, from_on in rows.order_by("pk").values_list("entry_id", "category", "from_on"):
        kept[entry].append(Kept(code=code, from_on=from_on))
    return kept


def _case(
    entry: QueueEntry, named: tuple[int, ...], people: Mapping[int, PersonFacts], kept: tuple[Kept, ...]
) -> Case:
    relatives = {kin.person for kin in people[entry.applicant_id].kin}
    return Case(
        list_number=ListNumber(entry.waiting_list.number),
        akimat_kato=entry.akimat.kato,
        applicant=entry.applicant_id,
        named=named,
        people={key: people[key] for key in {entry.applicant_id, *named, *relatives}},
        kept=kept,
    )
