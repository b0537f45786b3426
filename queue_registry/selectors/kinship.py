"""
Who people are and whose kin, and nothing else of what is known of them: a tenth of all facts, and enough to
judge a consent by.
"""

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

from django.db import connection

from queue_registry.rules.facts import Identity, Kin, PersonFacts

# As in `facts`: people come as one array, and what is told of one as one value.
_TOLD: Final = """
    SELECT fact.person_id,
        json_agg(json_build_array(fact.kind, fact.value, fact.relative_id) ORDER BY fact.id)::text
    FROM queue_registry_fact AS fact JOIN queue_registry_sourceanswer AS answer ON answer.id = fact.answer_id
    WHERE fact.person_id = ANY(%(people)s::bigint[]) AND fact.kind IN ('PERSON', 'KINSHIP')
        AND answer.person_id = ANY(%(people)s::bigint[]) AND answer.superseded_at IS NULL
    GROUP BY fact.person_id
"""


def ages_and_kin(person_ids: Collection[int]) -> dict[int, PersonFacts]:
    """Return the identity and the kin of each person, by key, as `people_facts` does, and no more."""
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, {"people": f"{{{','.join(map(str, person_ids))}}}"})
        told = {person: json.loads(facts) for person, facts in cursor.fetchall()}
    return {key: _person(key, told.get(key, ())) for key in person_ids}


def _person(key: int, facts: Sequence[Sequence[Any]]) -> PersonFacts:
    people = [value for kind, value, _ in facts if kind == "PERSON"]
    return PersonFacts(
        person=key,
        identity=_identity(people[0]) if people else None,
        kin=tuple(_kin(value, relative) for kind, value, relative in facts if kind == "KINSHIP"),
    )


def _identity(value: dict[str, Any]) -> Identity:
    return Identity(
        birth_date=date.fromisoformat(value["birth_date"]),
        death_date=_day(value["death_date"]),
        sex=value["sex"],
        citizenship=value["citizenship"],
    )


def _kin(value: dict[str, Any], relative: int) -> Kin:
    return Kin(
        person=relative,
        relation=value["relation"],
        since=_day(value["since"]),
        until=_day(value["until"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
