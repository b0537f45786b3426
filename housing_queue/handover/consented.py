"""
Which answers of the state's registers another keeper may get: those that a consent in force today covers.

The same as for a question: a system that needs no consent, a consent of one's own that names the system, or
the applicant's for a minor and for whoever signed the same paper. Everything else stays where it was asked
for.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Final, TypeVar

from django.db import connection

from housing_queue.handover.tables import ANSWERS, PEOPLE
from queue_registry.models import Akimat, Application, HouseholdMember, Intake
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.facts import PersonFacts, Source
from queue_registry.rules.household import kin_of
from queue_registry.selectors import consents
from queue_registry.selectors.facts import people_facts
from queue_registry.selectors.intakes import named_in

_CHUNK: Final = 2_000
_NEW_PEOPLE: Final = f"INSERT INTO {PEOPLE} (id) SELECT unnest(%s::bigint[]) ON CONFLICT DO NOTHING"
_NEEDLESS: Final = f"""
INSERT INTO {ANSWERS} (id)
SELECT id FROM queue_registry_sourceanswer
WHERE source = ANY(%s) AND person_id IN (SELECT id FROM {PEOPLE}) ON CONFLICT DO NOTHING
"""  # noqa: S608 - names of ours
_COVERED: Final = f"""
INSERT INTO {ANSWERS} (id)
SELECT answer.id FROM queue_registry_sourceanswer AS answer
JOIN unnest(%s::bigint[], %s::varchar[]) AS covered (person, source)
    ON covered.person = answer.person_id AND covered.source = answer.source
ON CONFLICT DO NOTHING
"""  # noqa: S608 - names of ours
_FAMILIES: Final = "CREATE TEMPORARY TABLE handover_families (id bigint PRIMARY KEY) ON COMMIT DROP"
_IN_A_FAMILY: Final = "INSERT INTO handover_families SELECT unnest(%s::bigint[]) ON CONFLICT DO NOTHING"
_ALONE: Final = f"""
SELECT id FROM {PEOPLE} WHERE id > %s AND id NOT IN (SELECT id FROM handover_families)
ORDER BY id LIMIT {_CHUNK}
"""  # noqa: S608 - names of ours

Row = TypeVar("Row")
# The applicant and everybody else whom an application or an intake names.
Family = tuple[int, frozenset[int]]


def work_out(akimat: Akimat, *, at: datetime) -> None:
    """Fill the table of answers; kin of the households who are in no row of their own join the people."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS handover_families")
        cursor.execute(_FAMILIES)
    for families in _chunks(_families(akimat)):
        _put(families, at=at)
    last = 0
    while people := _next_people(last):
        # Staff, and who left a household: each speaks for nobody else, and nobody for them.
        given = consents.in_force(people, at=at)
        _cover(pair for one in people for pair in _named(one, given.covering(one, applicant=one)))
        last = people[-1]
    with connection.cursor() as cursor:
        cursor.execute(_NEEDLESS, [sorted(consents.WITHOUT)])
        cursor.execute(f"ANALYZE {ANSWERS}, {PEOPLE}")


def _families(akimat: Akimat) -> Iterator[Family]:
    filed = Application.objects.filter(akimat=akimat, applicant__isnull=False).order_by("pk")
    for rows in _chunks(filed.values_list("pk", "applicant_id").iterator(chunk_size=_CHUNK)):
        members: dict[int, set[int]] = {}
        named = HouseholdMember.objects.filter(application__in=[key for key, _ in rows])
        for application, person in named.values_list("application_id", "person_id"):
            members.setdefault(application, set()).add(person)
        for key, applicant in rows:
            yield applicant, frozenset(members.get(key, ()))
    for intake in Intake.objects.filter(akimat=akimat).order_by("pk").iterator():
        yield intake.applicant_id, frozenset(named_in(intake))


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk


def _next_people(last: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [last])
        return [key for (key,) in cursor.fetchall()]


def _put(families: Iterable[Family], *, at: datetime) -> None:
    """Write down which answers about these families are covered."""
    on = civil_day(at)
    known = people_facts({applicant for applicant, _ in families})
    whole = [(one, named | kin_of(known[one], on).keys()) for one, named in families]
    people = {person for applicant, others in whole for person in (applicant, *others)}
    facts = {**people_facts(people - known.keys()), **known}
    given = consents.in_force(people, at=at, facts=facts)
    with connection.cursor() as cursor:
        for statement in (_NEW_PEOPLE, _IN_A_FAMILY):
            cursor.execute(statement, [sorted(people)])
    _cover(pair for applicant, others in whole for pair in _covered(applicant, others, given, facts, on=on))


def _cover(pairs: Iterable[tuple[int, str]]) -> None:
    """The answers about these people by these systems are covered."""
    found = sorted(set(pairs))
    with connection.cursor() as cursor:
        cursor.execute(_COVERED, [[person for person, _ in found], [source for _, source in found]])


def _covered(
    applicant: int,
    others: frozenset[int],
    given: consents.Consents,
    facts: Mapping[int, PersonFacts],
    *,
    on: date,
) -> Iterator[tuple[int, str]]:
    """Person and system of whatever may be known of one family."""
    children = consents.minors_of(facts[applicant], {key: facts[key] for key in others}, on=on)
    for person in (applicant, *others):
        yield from _named(person, given.covering(person, applicant=applicant, is_minor=person in children))


def _named(person: int, papers: Iterable[consents.Given]) -> Iterator[tuple[int, str]]:
    """The person with each system that one of the papers names."""
    for source in Source:
        if any(paper.names(source) for paper in papers):
            yield person, source.value
