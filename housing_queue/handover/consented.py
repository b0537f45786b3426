"""
Which answers of the state's registers another keeper may get: those that a consent in force today covers.

The same as for a question: a system that needs no consent, a consent of one's own that names the system, or
the applicant's for a minor and for whoever signed the same paper. Everything else stays where it was asked
for.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
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
from queue_registry.selectors.intakes import named_in
from queue_registry.selectors.kinship import ages_and_kin

_CHUNK: Final = 2_000
_NEW_PEOPLE: Final = f"INSERT INTO {PEOPLE} (id) SELECT unnest(%s::bigint[]) ON CONFLICT DO NOTHING"
_NEEDLESS: Final = f"""
INSERT INTO {ANSWERS} (id)
SELECT id FROM queue_registry_sourceanswer
WHERE source = ANY(%s) AND person_id IN (SELECT id FROM {PEOPLE}) ON CONFLICT DO NOTHING
"""  # noqa: S608 - names of ours
_COVERED: Final = f"""
INSERT INTO {ANSWERS} (id)
SELECT id FROM queue_registry_sourceanswer
WHERE source = ANY(%s) AND person_id = ANY(%s::bigint[]) ON CONFLICT DO NOTHING
"""  # noqa: S608 - names of ours
_FAMILIES: Final = "CREATE TEMPORARY TABLE handover_families (id bigint PRIMARY KEY) ON COMMIT DROP"
_IN_A_FAMILY: Final = "INSERT INTO handover_families SELECT unnest(%s::bigint[]) ON CONFLICT DO NOTHING"
_ALONE: Final = f"""
SELECT id FROM {PEOPLE} AS one
WHERE id > %s AND NOT EXISTS (SELECT FROM handover_families AS family WHERE family.id = one.id)
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
        _cover((one, _named(given.covering(one, applicant=one))) for one in people)
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
    known = ages_and_kin({applicant for applicant, _ in families})
    whole = [(one, named | kin_of(known[one], on).keys()) for one, named in families]
    people = {person for applicant, others in whole for person in (applicant, *others)}
    facts = {**ages_and_kin(people - known.keys()), **known}
    given = consents.in_force(people, at=at, facts=facts)
    with connection.cursor() as cursor:
        for statement in (_NEW_PEOPLE, _IN_A_FAMILY):
            cursor.execute(statement, [sorted(people)])
    _cover(one for applicant, others in whole for one in _covered(applicant, others, given, facts, on=on))


def _cover(covered: Iterable[tuple[int, frozenset[str]]]) -> None:
    """The answers about each of these people by the systems beside him are covered."""
    people_by_systems: dict[frozenset[str], set[int]] = defaultdict(set)
    for person, systems in covered:
        people_by_systems[systems].add(person)
    with connection.cursor() as cursor:
        # Most people signed for everything, so these are few statements.
        for systems, people in people_by_systems.items():
            if systems:
                cursor.execute(_COVERED, [sorted(systems), sorted(people)])


def _covered(
    applicant: int,
    others: frozenset[int],
    given: consents.Consents,
    facts: Mapping[int, PersonFacts],
    *,
    on: date,
) -> Iterator[tuple[int, frozenset[str]]]:
    """Each person of one family with the systems whose answers may be known."""
    children = consents.minors_of(facts[applicant], {key: facts[key] for key in others}, on=on)
    for person in (applicant, *others):
        papers = given.covering(person, applicant=applicant, is_minor=person in children)
        yield person, _named(papers)


def _named(papers: Collection[consents.Given]) -> frozenset[str]:
    """The systems that one of the papers names."""
    return frozenset(source.value for source in Source if any(paper.names(source) for paper in papers))
