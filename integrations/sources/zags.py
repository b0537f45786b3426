"""Civil acts (ЗАГС): spouses, children, parents; incomplete families."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, FactKind, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="messageResult/code", message="messageResult/nameRu")
RELATIONS: Final = {"marriageInfo": "spouse", "childInfo": "child", "parentInfo": "parent"}


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for all acts that tie a person to a family."""
    return requests.element("getFamilyInfo", {"iin": query.iin})


def parse(raw: bytes, query: Query) -> Answer:
    """Return KINSHIP for every act, STATUS single_parent for an incomplete family."""
    return reading.answer(raw, query, definition=DEFINITIONS["zags"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    for family in reading.items(body, "familyInfoList"):
        for element, relation in RELATIONS.items():
            for act in reading.items(family, element):
                yield _kinship(act, query, relation)
        yield from reading.statuses(
            family, query, path="incompleteFamily", code="single_parent", start="beginDate", until="endDate"
        )


def _kinship(act: reading.Element, query: Query, relation: str) -> Fact:
    since, until = reading.day(act, "actDate"), reading.day(act, "endDate")
    return Fact(
        kind=FactKind.KINSHIP,
        subject_iin=query.iin,
        value={
            "iin": reading.iin(act, "iin"),
            "relation": relation,
            "since": reading.iso(since),
            "until": reading.iso(until),
        },
        source=query.source,
        valid_from=since,
        valid_to=until,
    )
