"""
Rows of answers and facts as the frozen values that rules read; a handful of queries however many people.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.db import connection

from queue_registry.models import CategoryPeriod, HouseholdMember, QueueEntry, SourceHold
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
from queue_registry.selectors import many

_STATUSES: Final = ("STATUS", "DISABILITY")
_SAID: Final = {said.value: said for said in Said}

# A freeze reads millions of these rows. People come as one array, however many; moments come as text, which
# costs a tenth of a moment of the driver's, and the source's own only where it is another one; what is told
# of a person comes as one value.
_RECEIPTS: Final = """
    SELECT person_id, source, outcome, nullif(source_as_of, answered_at)::text, answered_at::text,
        fresh_until::text, id
    FROM queue_registry_sourceanswer WHERE person_id = ANY(%(people)s::bigint[]) AND superseded_at IS NULL
"""
# A fact is of whom its answer is of. Asked of both, the database looks at nobody else's answers. Incomes are
# twelve of a person, most of all facts, and come apart; of two of a month the later one counts.
_FACTS: Final = """
    SELECT fact.person_id,
        json_agg(json_build_array(fact.id, fact.kind, fact.value, fact.relative_id, answer.source)
            ORDER BY fact.id) FILTER (WHERE fact.kind <> 'INCOME_MONTH')::text,
        json_object_agg(fact.value->>'month', fact.value->>'amount' ORDER BY fact.id)
            FILTER (WHERE fact.kind = 'INCOME_MONTH')::text
    FROM queue_registry_fact AS fact JOIN queue_registry_sourceanswer AS answer ON answer.id = fact.answer_id
    WHERE fact.person_id = ANY(%(people)s::bigint[]) AND answer.person_id = ANY(%(people)s::bigint[])
        AND answer.superseded_at IS NULL
    GROUP BY fact.person_id
"""


class _Told(NamedTuple):
    """A row of facts, without the cost of a model's instance."""

    key: int
    kind: str
    value: Mapping[str, Any]
    relative: int | None
    source: str


_Facts = Mapping[str, Sequence[_Told]]


def people_facts(person_ids: Collection[int]) -> dict[int, PersonFacts]:
    """Return the current facts of each person, by key; people never asked about have empty ones."""
    receipts = _receipts(person_ids)
    rows = _rows(_FACTS, person_ids)
    facts = _all(facts or "[]" for _, facts, _ in rows)
    incomes = _all(months or "{}" for _, _, months in rows)
    told = dict(zip((person for person, _, _ in rows), zip(facts, incomes, strict=True), strict=True))
    return {key: _person(key, receipts[key], *told.get(key, ((), {}))) for key in person_ids}


def _all(written: Iterable[str]) -> list[Any]:
    """Many values read as one: what they have in common is made once."""
    values: list[Any] = json.loads(f"[{','.join(written)}]")
    return values


def _rows(statement: str, person_ids: Collection[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"people": f"{{{','.join(map(str, person_ids))}}}"})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _by_kind(rows: Iterable[Sequence[Any]]) -> _Facts:
    by_kind: dict[str, list[_Told]] = {}
    for row in rows:
        fact = _Told(*row)
        by_kind.setdefault(fact.kind, []).append(fact)
    return by_kind


def _receipts(person_ids: Collection[int]) -> dict[int, dict[str, Receipt]]:
    found: dict[int, dict[str, Receipt]] = defaultdict(dict)
    held, moment = held_sources(), datetime.fromisoformat
    for person, source, outcome, as_of, answered_at, fresh_until, key in _rows(_RECEIPTS, person_ids):
        answered = moment(answered_at)
        # By their places, in the order of a receipt: by their names it takes twice as long.
        found[person][source] = Receipt(
            _SAID[outcome],
            answered if as_of is None else moment(as_of),
            None if fresh_until is None else moment(fresh_until),
            source in held,
            key,
            answered,
        )
    return found


def held_sources() -> frozenset[str]:
    """Return the sources whose answers ground nothing adverse until somebody lets them go."""
    return frozenset(SourceHold.objects.filter(released_at__isnull=True).values_list("source", flat=True))


def _person(
    key: int,
    receipts: Mapping[str, Receipt],
    facts: Iterable[Sequence[Any]],
    months: Mapping[str, str],
) -> PersonFacts:
    told = _by_kind(facts).get
    return PersonFacts(
        person=key,
        receipts=receipts,
        identity=_identity(people[0].value) if (people := told("PERSON")) else None,
        registration=_registration(places[0].value) if (places := told("REGISTRATION")) else None,
        kin=tuple(map(_kin, told("KINSHIP", ()))),
        rights=tuple(map(_right, told("PROPERTY_RIGHT", ()))),
        statuses=tuple(_status(fact) for kind in _STATUSES for fact in told(kind, ())),
        income={month: Decimal(amount) for month, amount in months.items()},
        benefits=tuple(
            _benefit(fact.value) for fact in told("BENEFIT", ()) if fact.value["amount"] is not None
        ),
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _identity(value: Mapping[str, Any]) -> Identity:
    # By their places, here and below: by their names it takes twice as long.
    return Identity(
        date.fromisoformat(value["birth_date"]),
        _day(value["death_date"]),
        value["sex"],
        value["citizenship"],
    )


def _registration(value: Mapping[str, Any]) -> Registration | None:
    return Registration(value["kato"], _day(value["since"])) if value["kato"] else None


def _kin(fact: _Told) -> Kin:
    if fact.relative is None:
        raise ValueError(f"Fact {fact.key} of kinship names nobody.")
    value = fact.value
    return Kin(fact.relative, value["relation"], _day(value["since"]), _day(value["until"]))


def _right(fact: _Told) -> Right:
    value = fact.value
    return Right(
        kind=value["kind"],
        kato=value["kato"] or "",
        area=Decimal(value["area"]) if value["area"] else None,
        share=_share(value["share"]),
        acquired=_day(value["acquired"]),
        disposed=_day(value["disposed"]),
    )


@lru_cache(maxsize=1024)
def _share(text: str) -> Fraction:
    """Most rights are to a whole, a half or a third."""
    return Fraction(text)


def _status(fact: _Told) -> Status:
    value = fact.value
    return Status(
        value.get("code", "disability"),
        fact.source,
        _day(value["from"]),
        _day(value["until"]),
        str(value.get("group", "")),
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
        application__in=many.these({entry.application_id for entry in entries}), until_on__isnull=True
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
    rows = CategoryPeriod.objects.filter(entry__in=many.these([entry.pk for entry in entries]), sticky=True)
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
